// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/projection/rays.hpp>

#include <cmath>
#include <cstdint>

namespace misfit::detail {
namespace {

/// `value` rounded to a multiple of 2^exponent.
double rounded_to(double value, int exponent) {
  return std::ldexp(std::nearbyint(std::ldexp(value, -exponent)), exponent);
}

}  // namespace

RaysOfAngle rays_of_angle(double theta, double spacing, const ProjectionSizes& sizes,
                          const ProjectionOffsets& offsets) {
  const int exponent = sizes.exponent(spacing, offsets);
  RaysOfAngle rays{};
  const double c = std::cos(theta), s = std::sin(theta);
  rays.a = rounded_to(c / spacing, exponent);
  rays.e = rounded_to(s / spacing, exponent);
  // With c and s, not a and e: so the middle of the image is where it must be, whatever the offset.
  const double shift = (c * offsets.column + s * offsets.row + offsets.detector) / spacing;
  rays.o = rounded_to(
      0.5 * (static_cast<double>(sizes.rays - 1) - rays.a * static_cast<double>(sizes.columns - 1) -
             rays.e * static_cast<double>(sizes.rows - 1)) -
          shift,
      exponent);
  rays.steep = std::fabs(rays.e) > std::fabs(rays.a);
  const double major = rays.steep ? rays.e : rays.a;
  rays.half_width = std::fabs(major);
  rays.inverse_half_width = 1 / rays.half_width;
  rays.inverse = 1 / major;
  rays.length = 1 / (rays.half_width * spacing);
  const double most = std::ceil(2 * rays.half_width);
  rays.taps = static_cast<std::int32_t>(std::fmin(most, static_cast<double>(sizes.rays)));
  return rays;
}

}  // namespace misfit::detail
