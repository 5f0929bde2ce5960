// SPDX-License-Identifier: BSD-3-Clause

// The steps and the momentum of the dual method.

#include <misfit/detail/solvers/dual_step.hpp>

#include <gtest/gtest.h>

namespace {

using misfit::detail::DualStep;

TEST(DualStep, is_shorter_after_one_that_was_too_long) {
  DualStep step(1);
  EXPECT_FALSE(step.accept(1, 5, 0));
  EXPECT_GE(step.curvature(), 5);
  EXPECT_TRUE(step.accept(1, 5, 0));
  EXPECT_TRUE(step.accept(1, 50, 51)) << "what may be rounding tells nothing";
}

TEST(DualStep, gathers_speed_until_it_would_turn_back) {
  DualStep step(1);
  EXPECT_EQ(step.momentum(-1), 0);
  const double second = step.momentum(-1);
  EXPECT_GT(second, 0.2);
  EXPECT_GT(step.momentum(-1), second);
  EXPECT_EQ(step.momentum(1), 0);
  EXPECT_EQ(step.momentum(-1), 0);
}

}  // namespace
