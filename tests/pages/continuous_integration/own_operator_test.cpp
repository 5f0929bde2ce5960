// SPDX-License-Identifier: BSD-3-Clause
#include "own_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Vector = Kokkos::View<double*>;

/// (0, 1, 4, 9, ...) / 10. No kernels in a TEST: nvcc takes none from there.
Vector squares(std::size_t n) {
  const Vector x("x", n);
  Kokkos::parallel_for(
      Kokkos::RangePolicy<Exec>(0, n), KOKKOS_LAMBDA(const int j) { x(j) = 0.1 * j * j; });
  return x;
}

TEST(Differences, has_an_exact_adjoint_that_adds) {
  const auto result = misfit::check_adjoint(Exec{}, Differences{9});

  EXPECT_TRUE(result.passed()) << result;
}

TEST(GemanMcClure, has_the_gradient_of_its_value) {
  const auto result = misfit::check_gradient(Exec{}, GemanMcClure{2}, squares(8), Vector("y", 8));

  EXPECT_TRUE(result.passed()) << result;
}

TEST(Both, work_together_over_all_ranks) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5,
                                              [](int) { return Differences{9}; });
  const auto y = operators.measurements([](int) { return squares(8); });
  const misfit::DistributedDataFidelity fidelity(GemanMcClure{2});

  const auto adjoint = misfit::check_adjoint(Exec{}, operators);
  const auto gradient = misfit::check_gradient(Exec{}, fidelity, squares(9), y, operators);

  EXPECT_TRUE(adjoint.passed()) << adjoint;
  EXPECT_TRUE(gradient.passed()) << gradient;
}

}  // namespace
