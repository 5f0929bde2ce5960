// SPDX-License-Identifier: BSD-3-Clause
#include "projections.hpp"

#include <misfit/operators/radon.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using misfit::Radon;
using projections::half_turn;
using reference::Numbers;

/// |A x − p| / |p| for the image of an ellipse phantom and its line integrals p.
double error_of_projection(const std::vector<projections::Ellipse>& phantom, int points, int thin,
                           const misfit::RadonOffsets& offsets = {}) {
  constexpr std::size_t n = 256;
  const auto angles = half_turn(180);
  const Radon radon({n, n}, angles, Radon({n, n}, angles).range_shape()[1], 1, offsets);
  const auto image = projections::image(phantom, n, points);
  const misfit::Vector<double> x("x", n * n);
  Kokkos::deep_copy(x, Kokkos::View<const double*, Kokkos::HostSpace>(image.data(), n * n));
  const auto y = reference::numbers(reference::apply<double>(radon, x));

  const std::size_t rays = radon.range_shape()[1];
  Numbers expected;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    // The line that is s away from the axis is s + shift away from the middle of the image.
    const double shift =
        offsets.axis_column * std::cos(angles[i]) + offsets.axis_row * std::sin(angles[i]) +
        (offsets.detector.empty() ? 0 : offsets.detector[offsets.detector.size() == 1 ? 0 : i]);
    for (std::size_t k = 0; k < rays; ++k) {
      double sum = 0;
      for (int part = 0; part < thin; ++part) {
        const double within = (part + 0.5) / thin - 0.5;
        const double s = static_cast<double>(k) - static_cast<double>(rays - 1) / 2 + within;
        sum += projections::line_integral(phantom, n, angles[i], s + shift) / thin;
      }
      expected.emplace_back(sum);
    }
  }
  return static_cast<double>(reference::norm(reference::difference(y, expected)) /
                             reference::norm(expected));
}

/// Shepp and Logan's own phantom, sampled at the middle of every pixel, against single lines.
TEST(Radon, projects_ellipses) {
  EXPECT_LT(error_of_projection(projections::shepp_logan(), 1, 1), 0.01);
  EXPECT_LT(error_of_projection({{1, 0.6, 0.3, 0.1, 0.05, 20}, {-0.5, 0.1, 0.2, 0.3, 0, 70}}, 1, 1),
            0.01);
}

/// The same with more contrast, where the thin skull counts for more: pixels that hold their mean,
/// and detectors that see the width between two rays.
TEST(Radon, projects_ellipses_of_high_contrast) {
  const auto phantom = projections::shepp_logan_of_high_contrast();

  EXPECT_LT(error_of_projection(phantom, 8, 8), 0.01);
}

/// The same with an axis and a detector off the middle.
TEST(Radon, projects_ellipses_around_any_axis) {
  std::vector<double> jitter;
  for (int i = 0; i < 180; ++i) jitter.push_back(3 * std::sin(1.7 * i) - 5.25);

  for (const misfit::RadonOffsets& offsets :
       std::vector<misfit::RadonOffsets>{{.axis_row = 11.3, .axis_column = -20.75},
                                         {.detector = {7.4}},
                                         {.axis_row = -31, .axis_column = 4.2, .detector = jitter}})
    EXPECT_LT(error_of_projection(projections::shepp_logan(), 1, 1, offsets), 0.01);
}

}  // namespace
