// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators whose norms are known or can be computed.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distributed_operator.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/partition.hpp>
#include <misfit/solver.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <limits>

namespace misfit::test {

/// m_j = value(j).
template <typename T, typename Value>
auto mask_of(std::size_t n, const Value& value) {
  const Kokkos::View<T*> m("m", n);
  const auto host = Kokkos::create_mirror_view(m);
  for (std::size_t j = 0; j < n; ++j) host(j) = T(value(j));
  Kokkos::deep_copy(m, host);
  return Mask{m};
}

/// One operator, on the last rank.
template <typename Op>
auto alone(const Op& op) {
  return DistributedOperator(MPI_COMM_WORLD, Partition::from_owners({world_size() - 1}),
                             [&](int) { return op; });
}

template <typename T>
constexpr double eps = std::numeric_limits<detail::Real<T>>::epsilon();

/// Expects `norm_squared` to converge to what it must be, within its tolerance.
template <typename T, typename Operators>
void expect_norm(const Operators& operators, double expected, SolverOptions options = {1e-3, 500}) {
  const Exec exec;
  const auto norm = operators.template norm_squared<T>(exec, options);
  EXPECT_TRUE(norm.converged) << norm.iterations << " iterations, residual " << norm.residual;
  EXPECT_LE(norm.residual, options.tolerance);
  EXPECT_LE(norm.value, expected * (1 + 20 * eps<T>));
  EXPECT_GE(norm.value * (1 + options.tolerance), expected * (1 - 20 * eps<T>));
}

/// Rows of one matrix, by MatrixOperator's numbers.
template <typename T>
auto rows_of(int i, std::size_t n) {
  return Dense(MatrixOperator<T>(static_cast<std::size_t>(i), 2 + i % 3, n).matrix);
}

}  // namespace misfit::test
