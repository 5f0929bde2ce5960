// SPDX-License-Identifier: BSD-3-Clause

#include "evaluation/fused_paths.hpp"

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

namespace misfit::test {

using Complexes = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Complex, FusedPathsTest, Complexes);

}  // namespace misfit::test
