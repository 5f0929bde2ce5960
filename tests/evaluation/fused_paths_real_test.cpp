// SPDX-License-Identifier: BSD-3-Clause

#include "evaluation/fused_paths.hpp"

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

namespace misfit::test {

using Reals = testing::Types<float, double>;
INSTANTIATE_TYPED_TEST_SUITE_P(Real, FusedPathsTest, Reals);

TEST(FusedPaths, masks_of_booleans_for_floats) { expect_same_of_booleans<float>(); }

}  // namespace misfit::test
