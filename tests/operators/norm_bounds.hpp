// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/distributed_operator.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <support/eigenvalues.hpp>
#include <support/errors.hpp>

#include <cstddef>
#include <vector>

namespace norm_bounds {

/// Expects the bound of a stack of these operators to be at least ‖A‖², as the matrix has it that
/// they are on signals of T, and at most `factor` times that.
template <typename T, typename Op>
void expect_bound(const std::vector<Op>& stack, double factor) {
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, static_cast<int>(stack.size()),
      [&](int i) { return stack[static_cast<std::size_t>(i)]; });
  reference::Numbers gram;
  for (const auto& op : stack) reference::add_gram(reference::columns_of<T>(op), gram);
  const double expected = reference::largest_eigenvalue(gram, operators.domain_size());

  const double bound = operators.template norm_squared_bound<T>(Kokkos::DefaultExecutionSpace{});

  EXPECT_GE(bound, expected);
  EXPECT_LE(bound, factor * expected);
}

template <typename T, typename Op>
void expect_bound(const Op& op, double factor) {
  expect_bound<T>(std::vector<Op>{op}, factor);
}

/// No more than roundings.
inline constexpr double exact = 1 + 4e-5;

}  // namespace norm_bounds
