// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/matrix_operator.hpp"

#include <misfit/distributed_operator.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>

namespace misfit::test {

constexpr std::size_t rows = 4, unknowns = 500;  // more than travel with an agreement

/// Seven operators, of which ranks have different numbers.
struct Problem {
  using Operators = DistributedOperator<MatrixOperator<double>>;

  Operators operators{MPI_COMM_WORLD, 7, [](int i) {
                        return MatrixOperator<double>(static_cast<std::size_t>(i), rows, unknowns);
                      }};
  Measurements<Kokkos::View<double*>> y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(i) + 3, rows); });
  Kokkos::View<double*> x = vector_of<double>(1, unknowns);
  Kokkos::View<double*> gradient{"gradient", unknowns};
};

}  // namespace misfit::test
