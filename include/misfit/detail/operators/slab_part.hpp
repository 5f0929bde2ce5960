// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Parts of operators for a slab: those of a SlabOperator; of an operator that finds its footprint;
// or of one without, which can only be split. Every slab of such a one reads all of x: the halo is
// the whole image, so that each rank gets x from all others, and its gradient goes back to them.

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/footprint.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>
#include <limits>

namespace misfit::detail {

/// See SlabOperator, as of the functions below.
template <typename Op>
HaloWidth halo_width_of(const Op& op, const Shape& shape, std::size_t dimension) {
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  if constexpr (FindsFootprint<Op>)
    return op.footprint(shape, dimension).halo;
  else if constexpr (!SlabOperator<Op>)
    return {all, all};
  else if constexpr (requires { op.halo_width(shape, dimension); })
    return op.halo_width(shape, dimension);
  else
    return op.halo_width(dimension);
}

/// Without a footprint a slab has as large a share of y as of x.
template <typename Op>
MeasurementRows outputs_in(const Op& op, const Slab& slab) {
  if constexpr (FindsFootprint<Op>) {
    return op.footprint(slab.shape, slab.dimension).outputs_of(slab);
  } else if constexpr (SlabOperator<Op>) {
    return op.outputs_of(slab);
  } else {
    MeasurementRows rows = op.measurement_rows();
    rows.rows = share_of_rows(slab.owned, slab.shape[slab.dimension], rows.rows.size());
    return rows;
  }
}

template <typename Op>
auto part_in(const Op& op, const Slab& slab) {
  if constexpr (SlabOperator<Op> || FindsFootprint<Op>)
    return op.on_slab(slab);
  else
    return op.on_rows(outputs_in(op, slab).rows);
}

}  // namespace misfit::detail
