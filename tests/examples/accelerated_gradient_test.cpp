// SPDX-License-Identifier: BSD-3-Clause

// FISTA of the examples comes to the least f on x >= 0; with a step that is too long it says so.

#include "../../examples/support/accelerated_gradient.hpp"

#include <Kokkos_Core.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Signal = Kokkos::View<float*>;

/// Goes down f(x) = (4 (x_0 - 3)^2 + (x_1 + 1)^2) / 2, whose gradient has the constant L = 4.
std::vector<float> descend(double step, int steps) {
  const Exec exec;
  const Signal x("x", 2);
  examples::AcceleratedGradient method(exec, x, step);
  for (int k = 0; k < steps; ++k) {
    const auto at = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), method.point());
    const auto g = Kokkos::create_mirror_view(method.gradient());
    g(0) = 4 * (at(0) - 3), g(1) = at(1) + 1;
    Kokkos::deep_copy(method.gradient(), g);
    method.step(exec, 2.0 * (at(0) - 3) * (at(0) - 3) + 0.5 * (at(1) + 1) * (at(1) + 1));
  }
  const auto found = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  return {found(0), found(1)};
}

TEST(AcceleratedGradient, FindsTheLeastValueThatIsNotNegative) {
  const auto x = descend(1.0 / 4, 200);

  EXPECT_NEAR(x[0], 3, 1e-4);
  EXPECT_EQ(x[1], 0);
}

TEST(AcceleratedGradient, NamesNormSquaredBoundWhereTheStepIsTooLong) {
  try {
    descend(1.0, 200);
    FAIL() << "nothing was thrown";
  } catch (const misfit::Error& error) {
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr("norm_squared_bound"));
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr("too long"));
  }
}

}  // namespace
