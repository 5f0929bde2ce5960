// SPDX-License-Identifier: BSD-3-Clause

#include "evaluation/fused_paths.hpp"

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

namespace misfit::test {

using Complexes = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Complex, FusedPathsTest, Complexes);

TEST(FusedPaths, masks_of_booleans_for_complex) {
  expect_same_of_booleans<Kokkos::complex<double>>();
}

}  // namespace misfit::test
