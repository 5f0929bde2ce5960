// SPDX-License-Identifier: BSD-3-Clause

// What an evaluation asks of MPI, seen from between the program and the library.

#include "collectives/recorded_calls.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using misfit::Scope;
using misfit::test::batch_of;
using misfit::test::bytes_sent;
using misfit::test::Calls;
using misfit::test::calls;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;

template <typename Call>
Calls calls_of(Call&& call) {
  calls.clear();
  call();
  return calls;
}

bool on_one_node() {
  MPI_Comm node;
  int size = 0;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &size);
  MPI_Comm_free(&node);
  return size == misfit::test::world_size();
}

/// The calls of one step: what this rank receives, what it sends, and the wait for both.
void step(Calls& calls, int receives, int sends) {
  for (int k = 0; k < receives; ++k) calls.emplace_back("Irecv");
  for (int k = 0; k < sends; ++k) calls.emplace_back("Isend");
  calls.emplace_back("Waitall");
}

/// Of a round of 1 to 4 ranks, with all that is small: four ranks meet at once. The third of three
/// is not there in the first, and sends to both others in the second, where the second has nothing
/// to send.
Calls round() {
  const int size = misfit::test::world_size(), rank = misfit::test::world_rank();
  Calls expected;
  if (size == 3) {
    if (rank < 2) step(expected, 1, 1);
    step(expected, 1, rank == 2 ? 2 : 1 - rank);
  } else if (size > 1) {
    step(expected, size - 1, size - 1);
  }
  return expected;
}

/// Three operators of 4 rows.
struct Problem {
  explicit Problem(std::size_t n) : unknowns(n) {}

  std::size_t unknowns;
  Exec exec{};
  misfit::DistributedOperator<MatrixOperator<double>> operators{
      MPI_COMM_WORLD, 3,
      [this](int i) { return MatrixOperator<double>(static_cast<std::size_t>(i), 4, unknowns); }};
  misfit::Measurements<Kokkos::View<double*>> y =
      operators.measurements([](int) { return vector_of<double>(3, 4); });
  misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
  Kokkos::View<double*> x = vector_of<double>(1, unknowns);
  Kokkos::View<double*> gradient{"gradient", unknowns};

  void fn(Scope scope = Scope::global) { fidelity.fn(exec, x, y, operators, scope); }
  void grad(Scope scope = Scope::global) { fidelity.grad(exec, x, y, operators, gradient, scope); }
  void fn_and_grad(Scope scope = Scope::global) {
    fidelity.fn_and_grad(exec, x, y, operators, gradient, scope);
  }
};

TEST(MpiCalls, small_gradient_travels_with_the_header) {
  Problem problem(5);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(calls_of([&] { problem.fn(); }), round());
    EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), round());
    EXPECT_EQ(calls_of([&] { problem.grad(); }), round());
    EXPECT_EQ(
        calls_of([&] { problem.operators.normal(problem.exec, problem.x, problem.gradient); }),
        round());
  }
}

TEST(MpiCalls, large_gradient_goes_through_the_memory_of_the_node) {
  if (!on_one_node()) GTEST_SKIP() << "several nodes";
  Problem problem(1000);
  problem.fn_and_grad();

  EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), round());
  EXPECT_EQ(calls_of([&] { problem.grad(); }), round());
  EXPECT_EQ(calls_of([&] { problem.fn(); }), round());
}

// Pairs exchange halves of what they still sum, then of what they have summed. Three ranks exchange
// parts each with each, two of them at a time.
TEST(MpiCalls, large_gradient_without_the_memory_of_the_node) {
  if (!on_one_node()) GTEST_SKIP() << "several nodes";
  const int size = misfit::test::world_size();
  setenv("MISFIT_NODE_SUM", "0", 1);
  Problem problem(1000);
  problem.fn_and_grad();
  unsetenv("MISFIT_NODE_SUM");
  bytes_sent = 0;
  problem.fn();
  const double of_the_round = bytes_sent;
  Calls expected = round();
  for (int k = 0; k < 2; ++k)
    if (size == 3)
      for (const char* call : {"Irecv", "Isend", "Irecv", "Isend", "Waitall", "Waitall"})
        expected.emplace_back(call);
    else
      for (int met = 1; met < size; met *= 2) step(expected, 1, 1);

  bytes_sent = 0;
  EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), expected);
  EXPECT_LE(bytes_sent - of_the_round, 2 * 8000 * (1 - 1.0 / size) + 2 * 8);
}

TEST(MpiCalls, batch_of_many_signals) {
  Problem problem(5);
  const auto x = batch_of<double>(1, 20, 5), gradient = batch_of<double>(1, 20, 5);
  const auto y = problem.operators.measurements([](int) { return batch_of<double>(3, 20, 4); });

  EXPECT_EQ(calls_of([&] {
              problem.fidelity.fn_and_grad(problem.exec, x, y, problem.operators, gradient);
            }),
            round());
}

TEST(MpiCalls, local_evaluations_make_none) {
  Problem problem(5);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(calls_of([&] { problem.fn(Scope::local); }), Calls{});
    EXPECT_EQ(calls_of([&] { problem.grad(Scope::local); }), Calls{});
    EXPECT_EQ(calls_of([&] { problem.fn_and_grad(Scope::local); }), Calls{});
    problem.fn_and_grad();
  }
}

/// The messages that this rank sends in an fn_and_grad on slabs of 3 rows.
template <typename Make>
long sends_on_slabs(const Make& make) {
  const auto rows = 3 * static_cast<std::size_t>(misfit::test::world_size());
  const misfit::Slabs slabs(MPI_COMM_WORLD, {rows, 4});
  const misfit::DistributedOperator operators(slabs, 2, [&](int) { return make(rows); });
  const auto y = operators.measurements([&](int) { return vector_of<double>(1, 4 * rows); });
  const auto x = vector_of<double>(2, slabs.owned_size()), g = vector_of<double>(3, x.extent(0));
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  const Calls seen = calls_of([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); });
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "Allreduce"), 0);
  return std::count(seen.begin(), seen.end(), "Isend");
}

TEST(MpiCallsOnSlabs, one_message_a_neighbour_for_x_and_one_for_the_gradient) {
  const long agreements =
      sends_on_slabs([](std::size_t rows) { return misfit::Identity(4 * rows); });
  const long all = sends_on_slabs([](std::size_t rows) {
    return misfit::Blur({rows, 4}, batch_of<double>(1, 5, 3), misfit::Padding::replicate);
  });
  const int rank = misfit::test::world_rank(), last = misfit::test::world_size() - 1;
  const int neighbours = (rank > 0 ? 1 : 0) + (rank < last ? 1 : 0);
  EXPECT_EQ(all - agreements, 2 * neighbours);
}

TEST(MpiCallsOnSplits, are_those_of_whole_operators) {
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, misfit::Partition::split(2), [](int i) {
        return misfit::Dense{MatrixOperator<double>(static_cast<std::size_t>(i), 6, 5).matrix};
      });
  const auto y = operators.measurements([](int) { return vector_of<double>(1, 6); });
  const auto x = vector_of<double>(2, 5), g = vector_of<double>(3, 5);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  for (int turn = 0; turn < 2; ++turn)
    EXPECT_EQ(calls_of([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); }), round());
}

// Ranks agree before operators begin to communicate, and after, with the values. Then members sum
// the gradient.
TEST(MpiCallsOnEnsembles, two_agreements_and_a_sum_over_members) {
  const int size = misfit::test::world_size();
  const misfit::Ensemble ensemble(MPI_COMM_WORLD,
                                  {.ranks_per_member = size % 2 == 0 ? size / 2 : size});
  const misfit::DistributedOperator operators(ensemble, 2, [](int) { return misfit::Identity(5); });
  const auto y = operators.measurements([](int) { return vector_of<double>(1, 5); });
  const auto x = vector_of<double>(2, 5), g = vector_of<double>(3, 5);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  Calls expected = round();
  for (const auto& call : round()) expected.push_back(call);
  if (ensemble.size() == 2) step(expected, 1, 1);
  for (int turn = 0; turn < 2; ++turn)
    EXPECT_EQ(calls_of([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); }), expected);
}

}  // namespace
