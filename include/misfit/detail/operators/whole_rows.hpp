// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What operators check where they are cut.

#include <misfit/error.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>
#include <string>

namespace misfit::detail {

/// Throws ArgumentError in the name of an operator unless the owned rows of `slab` are some of its
/// image, or none.
inline void require_rows_in_image(const char* name, const Slab& slab) {
  if (slab.dimension >= slab.shape.rank() || slab.owned.begin > slab.owned.end ||
      slab.owned.end > slab.shape[slab.dimension])
    throw ArgumentError(std::string(name) + ": a slab of " + slab.owned.text() +
                        " along dimension " + std::to_string(slab.dimension) + ", of an image of " +
                        slab.shape.text());
}

/// The same, and unless its image is one of `shape`.
inline void require_slab_of(const char* name, const Shape& shape, const Slab& slab) {
  if (!(slab.shape == shape))
    throw ArgumentError(std::string(name) + ": a slab of an image of " + slab.shape.text() +
                        "; the operator is of one of " + shape.text());
  require_rows_in_image(name, slab);
}

/// Throws ArgumentError in the name of an operator of which a part is to be made, if `slab` owns no
/// rows.
inline void require_owned_rows(const char* name, const Slab& slab) {
  if (slab.owned.empty()) throw ArgumentError(std::string(name) + ": a slab that owns no rows");
}

/// Throws ArgumentError, in the name of an operator on `size` entries that reads each row for
/// itself, unless `slab` is of an image of as many and has no ghost rows.
inline void require_rows_alone(const char* name, std::size_t size, const Slab& slab) {
  if (slab.shape.size() != size)
    throw ArgumentError(std::string(name) + ": has " + std::to_string(size) +
                        " entries, the slab is of an image of " + slab.shape.text());
  require_rows_in_image(name, slab);
  require_owned_rows(name, slab);
  if (slab.before + slab.after > 0)
    throw ArgumentError(std::string(name) + ": takes a slab without ghost rows");
}

/// Throws ArgumentError in the name of an operator unless `rows` are some of `all`, at least one.
inline void require_rows_of(const char* name, const Rows& rows, std::size_t all) {
  if (rows.begin >= rows.end || rows.end > all)
    throw ArgumentError(std::string(name) + ": there are " + std::to_string(all) +
                        " rows, asked for " + rows.text());
}

}  // namespace misfit::detail
