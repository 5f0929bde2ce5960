// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What operators and measurements are cut into, in slabs or by a split.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace misfit::detail {

/// The rows of a whole measurement that belong to a rank.
struct MeasurementPart {
  ImageCut whole;
  Rows rows;

  std::size_t size() const { return whole.lines() * rows.size() * whole.row(); }
};

/// A copy of the rows of `whole` that are in `part`. Blocks.
template <typename Exec, typename V>
Kept<V> part_of(const Exec& exec, const V& whole, const MeasurementPart& part) {
  using T = typename V::non_const_value_type;
  using Owned = Packed<typename V::non_const_type>;
  Workspace memory;
  const auto packed = pack(exec, whole, memory);
  Owned rows;
  const auto properties = Kokkos::view_alloc(Kokkos::WithoutInitializing, whole.label());
  if constexpr (is_batch<V>)
    rows = Owned(properties, whole.extent(0), part.size());
  else
    rows = Owned(properties, part.size());
  copy_rows<Exec, T>(exec, batch_size(whole) * part.whole.lines(), part.whole.row(),
                     part.rows.size(), {packed.data(), part.whole.rows(), part.rows.begin},
                     {rows.data(), part.rows.size(), 0});
  fence(exec, "misfit: the rows of a measurement are copied");
  return rows;
}

/// Throws ArgumentError unless `rows` are some of a measurement of `range_size` entries.
void require_rows(const MeasurementRows& rows, std::size_t range_size);

/// Throws ArgumentError unless a part that gives `rows` has the sizes that these and the `unknowns`
/// of this rank ask for.
void require_part(const MeasurementRows& rows, std::size_t unknowns, std::size_t part_domain_size,
                  std::size_t part_range_size);

/// Throws ArgumentError unless `op` is of images of `shape`.
template <typename Op>
void require_domain(const Op& op, const Shape& shape) {
  if (static_cast<std::size_t>(op.domain_size()) != shape.size())
    throw ArgumentError("domain size is " + std::to_string(op.domain_size()) +
                        ", the slabs are of an image of " + shape.text());
}

/// A halo as wide as both. Throws ArgumentError if one goes around the image and the other does
/// not: beyond the ends of the image there are ghost rows or padding.
inline HaloWidth wider(const HaloWidth& a, const HaloWidth& b) {
  if (b.before == 0 && b.after == 0) return a;
  if (a.before == 0 && a.after == 0) return b;
  if (a.circular != b.circular)
    throw ArgumentError(
        "it is circular along the dimension that is cut, and an operator before it is not, or the "
        "other way round");
  return {std::max(a.before, b.before), std::max(a.after, b.after), b.circular};
}

}  // namespace misfit::detail
