// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstdint>

namespace misfit::detail {

/// The rays of one angle through the pixels of one slice: pixel (y, x) lies at v = a x + e y + o,
/// where ray k lies at k.
///
/// All of v is exact: a, e and o are rounded to multiples of one power of two that leaves room for
/// every sum, so that both directions, on every machine, see the same v, and the same weights to
/// the last bit or two.
struct RaysOfAngle {
  double a, e, o;
  double half_width;  ///< h = max(|a|, |e|): how far from a pixel its weight ends
  double inverse_half_width;
  double length;   ///< of a ray in one row, or one column [pixels]
  double inverse;  ///< 1/a, or 1/e where `steep`
  std::int32_t taps;
  bool steep;  ///< |e| > |a|: a ray meets every column once, else every row

  /// The weight of a pixel at a distance t from a ray, less the factor `length`.
  KOKKOS_FORCEINLINE_FUNCTION double weight(double t) const {
    const double w = 1.0 - math::fabs(t) * inverse_half_width;
    return w > 0.0 ? w : 0.0;
  }
};

/// Of the axis of rotation from the middle of the image, and of the middle of the detector from the
/// ray through the axis, for one angle [pixels].
struct ProjectionOffsets {
  double row = 0, column = 0, detector = 0;

  double reach() const { return std::fabs(row) + std::fabs(column) + std::fabs(detector); }
};

/// Slices, rows, columns, angles and rays of a projection.
struct ProjectionSizes {
  std::int64_t slices, rows, columns, angles, rays;

  /// Above every |v| and |v − k|.
  double bound(double spacing, const ProjectionOffsets& offsets = {}) const {
    return 2 * ((static_cast<double>(rows + columns) + offsets.reach()) / spacing +
                static_cast<double>(rays));
  }
  /// Of what power of two every v is a multiple.
  int exponent(double spacing, const ProjectionOffsets& offsets = {}) const {
    return std::ilogb(bound(spacing, offsets)) + 1 - 52;
  }
  /// Whether indices of rays and pixels are numbers of 32 bits.
  bool countable(double spacing, const ProjectionOffsets& offsets = {}) const {
    return bound(spacing, offsets) < 0x7fffffff;
  }
  /// Whether positions are told apart to a millionth of a pixel.
  bool resolved(double spacing, const ProjectionOffsets& offsets = {}) const {
    return std::ldexp(spacing, exponent(spacing, offsets)) < 1e-6;
  }
};

/// The rays of angle `theta`, `spacing` pixels apart; without offsets the middle one goes through
/// the middle of the image.
RaysOfAngle rays_of_angle(double theta, double spacing, const ProjectionSizes& sizes,
                          const ProjectionOffsets& offsets = {});

/// The integer at or below `value`, but within 0 … most.
KOKKOS_FORCEINLINE_FUNCTION std::int32_t floor_within(double value, double most) {
  value = value > 0.0 ? value : 0.0;
  return static_cast<std::int32_t>(value < most ? value : most);
}

}  // namespace misfit::detail
