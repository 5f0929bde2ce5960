// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What Views allocate, seen through Kokkos's hooks for tools.

#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace misfit::test {

inline std::vector<std::string> allocations;  // NOLINT: the hook is a plain function

inline void note_allocation(Kokkos::Tools::SpaceHandle, const char* label, const void*,
                            std::uint64_t) {
  allocations.emplace_back(label);
}

/// What Views allocate in the second call of `call`.
template <typename Call>
std::vector<std::string> allocations_of_second(Call&& call) {
  call();
  allocations.clear();
  Kokkos::Tools::Experimental::set_allocate_data_callback(note_allocation);
  call();
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  return allocations;
}

/// Expects that no call allocates when it is made again, with operators on signals of `T`.
template <typename T = double, typename Factory>
void expect_no_allocations(std::size_t unknowns, Factory&& factory) {
  using None = std::vector<std::string>;
  const Exec exec;
  const DistributedOperator operators(MPI_COMM_WORLD, 5, factory);
  const auto y =
      operators.measurements([&](int i) { return batch_of<T>(20, 2, operators.range_size(i)); });
  const auto x = batch_of<T>(1, 2, unknowns), gradient = batch_of<T>(2, 2, unknowns);
  const DistributedDataFidelity fidelity(L2{0.5}, Reduction::mean);

  EXPECT_EQ(allocations_of_second([&] { fidelity.fn(exec, x, y, operators); }), None{});
  EXPECT_EQ(allocations_of_second([&] { fidelity.grad(exec, x, y, operators, gradient); }), None{});
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(exec, x, y, operators, gradient); }),
            None{});
  EXPECT_EQ(allocations_of_second([&] { fidelity.prox(exec, 0.1, x, y, operators, gradient); }),
            None{});
  EXPECT_EQ(allocations_of_second([&] { operators.normal(exec, x, gradient); }), None{});
  EXPECT_EQ(allocations_of_second([&] { operators.adjoint(exec, y, gradient); }), None{});
  EXPECT_EQ(allocations_of_second([&] { operators.template norm_squared<T>(exec); }), None{});
  EXPECT_EQ(allocations_of_second([&] { operators.least_squares(exec, y, gradient); }), None{});
}

/// The same of operators that are not linear: from signals of `T` to measurements of `U`.
template <typename T, typename U, typename Factory>
void expect_no_allocations_if_nonlinear(Factory&& factory) {
  using None = std::vector<std::string>;
  const Exec exec;
  const DistributedOperator operators(MPI_COMM_WORLD, 5, factory);
  const auto y =
      operators.measurements([&](int i) { return batch_of<U>(20, 2, operators.range_size(i)); });
  const auto x = batch_of<T>(1, 2, operators.domain_size());
  const auto gradient = batch_of<T>(2, 2, operators.domain_size());
  const DistributedDataFidelity fidelity(L2{0.5}, Reduction::mean);

  // First, so that no other call has allocated what it needs.
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(exec, x, y, operators, gradient); }),
            None{});
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn(exec, x, y, operators); }), None{});
  EXPECT_EQ(allocations_of_second([&] { fidelity.grad(exec, x, y, operators, gradient); }), None{});
  EXPECT_EQ(allocations_of_second([&] { operators.forward(exec, x, y, Scope::local); }), None{});
  EXPECT_EQ(allocations_of_second([&] { operators.vjp(exec, x, y, gradient); }), None{});
}

}  // namespace misfit::test
