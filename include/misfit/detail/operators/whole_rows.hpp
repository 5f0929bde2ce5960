// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What operators check where they are cut.

#include <misfit/error.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <cstddef>
#include <string>

namespace misfit::detail {

/// Throws ArgumentError, in the name of an operator on `size` entries that reads each row for
/// itself, unless `slab` is of an image of as many and has no ghost rows.
inline void require_rows_alone(const char* name, std::size_t size, const Slab& slab) {
  if (slab.shape.size() != size)
    throw ArgumentError(std::string(name) + ": has " + std::to_string(size) +
                        " entries, the slab is of an image of " + slab.shape.text());
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
