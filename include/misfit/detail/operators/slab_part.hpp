// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Parts of operators for a slab: those of a SlabOperator, or of an operator without a footprint,
// which can only be split. Every slab of such a one reads all of x: the halo is the whole image, so
// that each rank gets x from all others, and its gradient goes back to them.

#include <misfit/concepts.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <cstddef>
#include <limits>

namespace misfit::detail {

/// See SlabOperator, as of the functions below.
template <typename Op>
HaloWidth halo_width_of(const Op& op, std::size_t dimension) {
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  if constexpr (SlabOperator<Op>)
    return op.halo_width(dimension);
  else
    return {all, all};
}

/// Without a footprint a slab has as large a share of y as of x.
template <typename Op>
MeasurementRows outputs_in(const Op& op, const Slab& slab) {
  if constexpr (SlabOperator<Op>) {
    return op.outputs_of(slab);
  } else {
    MeasurementRows rows = op.measurement_rows();
    rows.rows = share_of_rows(slab.owned, slab.shape[slab.dimension], rows.rows.size());
    return rows;
  }
}

template <typename Op>
auto part_in(const Op& op, const Slab& slab) {
  if constexpr (SlabOperator<Op>)
    return op.on_slab(slab);
  else
    return op.on_rows(outputs_in(op, slab).rows);
}

}  // namespace misfit::detail
