// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Faults planted on the first, the last and all ranks: every rank gets the same typed error, which
// names rank, operator and argument, and the next valid call on the same object is right.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace misfit::test {

inline constexpr std::size_t unknowns = 5, rows = 4;

/// Two operators a rank, so that operator r belongs to rank r.
class FaultTest : public testing::Test {
 protected:
  static MatrixOperator<double> make(int i) {
    return {static_cast<std::size_t>(i), rows, unknowns};
  }

  const Exec exec{};
  const int n = 2 * world_size();
  const DistributedOperator<MatrixOperator<double>> operators{MPI_COMM_WORLD, n, make};
  const Measurements<Kokkos::View<double*>> y = operators.measurements(
      [](int i) { return vector_of<double>(20 + static_cast<std::size_t>(i), rows); });
  const DistributedDataFidelity<L2> fidelity{L2{0.7}};
  const Kokkos::View<double*> x = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> gradient{"gradient", unknowns};
  const double right = fidelity.fn(exec, x, y, operators);

  static std::string rank_text(const std::vector<int>& ranks) {
    return "rank " + std::to_string(ranks.front());
  }
  static std::string place_text(const std::vector<int>& ranks) {
    return rank_text(ranks) + ", operator " + std::to_string(ranks.front());
  }
  void expect_still_right() {
    EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, gradient), right);
  }
};

}  // namespace misfit::test
