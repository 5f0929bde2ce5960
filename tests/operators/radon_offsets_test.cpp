// SPDX-License-Identifier: BSD-3-Clause
#include "projections.hpp"

#include <misfit/operators/radon.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace {

using misfit::Radon;
using projections::half_turn;
using reference::Number;

constexpr double straight_angle = std::numbers::pi;

/// The signs, by one bright pixel: where its line meets the detector.
TEST(Radon, signs_of_the_offsets) {
  const auto ray_of_pixel = [](std::size_t row, std::size_t column, double angle,
                               const misfit::RadonOffsets& offsets) {
    const misfit::Vector<double> x("x", 15 * 11);
    Kokkos::deep_copy(Kokkos::subview(x, row * 11 + column), 1.0);
    const auto y =
        reference::numbers(reference::apply<double>(Radon({15, 11}, {angle}, 31, 1, offsets), x));
    for (std::size_t k = 0; k < y.size(); ++k)
      if (std::abs(y[k] - Number(1)) < 1e-12L) return static_cast<int>(k);
    return -1;
  };

  // Pixel (9, 7) is 2 below and 2 right of the middle, (7, 5); the middle ray is number 15.
  EXPECT_EQ(ray_of_pixel(9, 7, 0, {}), 17);
  EXPECT_EQ(ray_of_pixel(9, 7, straight_angle / 2, {}), 17);
  // An axis 3 further right sees it 1 to the left; one 4 further down 2 above.
  EXPECT_EQ(ray_of_pixel(9, 7, 0, {.axis_column = 3}), 14);
  EXPECT_EQ(ray_of_pixel(9, 7, straight_angle / 2, {.axis_column = 3}), 17);
  EXPECT_EQ(ray_of_pixel(9, 7, 0, {.axis_row = 4}), 17);
  EXPECT_EQ(ray_of_pixel(9, 7, straight_angle / 2, {.axis_row = 4}), 13);
  // A detector moved by +5 sees the axis at ray 10.
  EXPECT_EQ(ray_of_pixel(7, 5, 0.3, {.detector = {5.0}}), -1);
  EXPECT_EQ(ray_of_pixel(7, 5, 0, {.detector = {5.0}}), 10);
  EXPECT_EQ(ray_of_pixel(7, 5, straight_angle / 2, {.detector = {5.0}}), 10);
}

/// Offsets of 0 change no bit.
TEST(Radon, without_offsets) {
  const auto angles = half_turn(19);
  const Radon plain({65, 67}, angles, 90, 0.9),
      zero({65, 67}, angles, 90, 0.9, {.detector = std::vector<double>(19, 0.0)});
  const auto x = reference::random_vector<double>(65 * 67, 1);

  EXPECT_EQ(reference::numbers(reference::apply<double>(plain, x)),
            reference::numbers(reference::apply<double>(zero, x)));
}

}  // namespace
