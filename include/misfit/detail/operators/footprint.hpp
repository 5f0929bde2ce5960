// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <concepts>
#include <cstddef>

namespace misfit::detail {

/// What the outputs of slabs of an image read of it, and which outputs belong to a slab: of each of
/// `lines` lines of `length` outputs the share that the rows of the slab are of those of the image.
struct Footprint {
  HaloWidth halo;
  std::size_t lines = 1, length = 0;

  Rows share_of(const Slab& slab) const {
    return share_of_rows(slab.owned, slab.shape[slab.dimension], length);
  }
  MeasurementRows outputs_of(const Slab& slab) const {
    if (lines == 1) return {{length}, 0, share_of(slab)};
    return {{lines, length}, 1, share_of(slab)};
  }
};

/// An operator that does not know the image, and finds the footprint of its rows for one. Beside it
/// `on_slab` is that of a SlabOperator.
template <typename Op>
concept FindsFootprint = requires(const Op& op, const Shape& shape, std::size_t dimension) {
  { op.footprint(shape, dimension) } -> std::same_as<Footprint>;
};

}  // namespace misfit::detail
