// SPDX-License-Identifier: BSD-3-Clause

// Memory that one rank alone cannot get: an error on all ranks, and no hang.

#include "collectives/scarce_memory.hpp"

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/detail/collectives/node_sum.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/partition.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::NoMoreMemory;
using misfit::test::NothingNew;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

/// Expects that `call` throws an E of this text on all ranks but `poor`. That one gets no memory at
/// all, not even for the text, and throws what it can.
template <typename E, typename Call>
void expect_error_beside(int poor, Call&& call, const std::string& expected) {
  bool thrown = false, right_type = false;
  std::string text;
  text.reserve(expected.size() + 100);
  {
    const NothingNew limit(world_rank() == poor);
    try {
      call();
    } catch (const E& error) {
      thrown = right_type = true;
      text.assign(error.what(), std::min(std::strlen(error.what()), text.capacity()));
    } catch (...) {
      thrown = true;
    }
  }
  EXPECT_TRUE(thrown);
  if (world_rank() == poor) return;
  EXPECT_TRUE(right_type);
  EXPECT_EQ(text, expected);
}

/// Vectors of 16 MiB.
constexpr std::size_t unknowns = 1 << 21;

TEST(MemoryFaults, solvers_and_checkers) {
  if (!misfit::detail::on_host<Exec>) GTEST_SKIP() << "the limit is of host memory";
  const Exec exec;
  const int n = world_size() + 1;
  const auto make = [&] {
    return misfit::DistributedOperator(MPI_COMM_WORLD, n,
                                       [](int) { return misfit::Identity{unknowns}; });
  };
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<double>(1, unknowns), out = vector_of<double>(2, unknowns);
  const auto y = make().measurements([&](int) { return x; });

  using Operators = decltype(make());
  const std::vector<std::function<void(const Operators&)>> calls{
      [&](const Operators& operators) { operators.norm_squared<double>(exec, {1e-3, 1}); },
      [&](const Operators& operators) { operators.norm_squared_bound<double>(exec); },
      [&](const Operators& operators) {
        operators.least_squares(exec, y, out, {.max_iterations = 1});
      },
      [&](const Operators& operators) {
        misfit::DistributedDataFidelity(misfit::L2{0.7})
            .prox(exec, 0.3, x, y, operators, out, {.max_iterations = 1});
      },
      [&](const Operators& operators) { misfit::check_adjoint(exec, operators); },
      [&](const Operators& operators) { misfit::check_gradient(exec, fidelity, x, y, operators); }};
  for (std::size_t k = 0; k < calls.size(); ++k)
    for (const int poor : {0, world_size() - 1}) {
      SCOPED_TRACE("call " + std::to_string(k));
      const auto operators = make();
      const double right = fidelity.fn(exec, x, y, operators);
      {
        const NoMoreMemory limit(world_rank() == poor);
        expect_same_error<misfit::CallbackError>([&] { calls[k](operators); },
                                                 {"rank " + std::to_string(poor), "alloc"});
      }
      EXPECT_EQ(fidelity.fn(exec, x, y, operators), right);
    }
}

/// A x = x, which the ranks of a member compute together: none goes on before all are there.
struct Together {
  const misfit::Communicator* space;

  std::size_t domain_size() const { return unknowns; }
  std::size_t range_size() const { return unknowns; }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    MPI_Barrier(space->native());
    Kokkos::deep_copy(exec, y, x);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    MPI_Barrier(space->native());
    Kokkos::parallel_for(
        misfit::detail::range(exec, unknowns),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += y(j); });
  }
};

TEST(MemoryFaults, operators_that_ranks_apply_together) {
  if (!misfit::detail::on_host<Exec>) GTEST_SKIP() << "the limit is of host memory";
  const Exec exec;
  for (const int ranks_of_member : {1, world_size()}) {
    if (ranks_of_member == 1 && world_size() > 2) continue;  // two members say it all
    const misfit::Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks_of_member});
    const misfit::DistributedOperator operators(ensemble, world_size(),
                                                [&](int) { return Together{&ensemble.space()}; });
    const auto x = vector_of<double>(1, unknowns), g = vector_of<double>(2, unknowns);
    const auto y = operators.measurements([&](int) { return x; });
    for (const int poor : {0, world_size() - 1})
      for (const bool with_gradient : {false, true}) {
        const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
        const auto call = [&] {
          return with_gradient ? fidelity.fn_and_grad(exec, x, y, operators, g)
                               : fidelity.fn(exec, x, y, operators);
        };
        {
          const NoMoreMemory limit(world_rank() == poor);
          expect_same_error<misfit::CallbackError>(call, {"rank " + std::to_string(poor), "alloc"});
        }
        EXPECT_EQ(call(), 0.0);
      }
  }
}

// Not even for the name of the region that profilers show; and in the tree of a reproducible sum.
TEST(MemoryFaults, from_the_beginning_of_a_call) {
  const Exec exec;
  using misfit::Sum;
  for (const Sum sum : {Sum::run_to_run, Sum::reproducible})
    for (const int poor : {0, world_size() - 1}) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, world_size() + 1,
                                                  [](int) { return misfit::Identity{50}; });
      const auto x = vector_of<double>(1, 50), g = vector_of<double>(2, 50);
      const auto y = operators.measurements([&](int) { return x; });
      const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum, sum);
      const auto call = [&] { return fidelity.fn_and_grad(exec, x, y, operators, g); };
      expect_error_beside<misfit::CallbackError>(
          poor, call, "fn_and_grad: rank " + std::to_string(poor) + ": threw: std::bad_alloc");
      EXPECT_EQ(call(), 0.0);
    }
}

TEST(MemoryFaults, communicator) {
  if (world_size() == 1) return;  // one rank has nobody to send to
  for (const int poor : {0, world_size() - 1}) {
    const NothingNew limit(world_rank() == poor, 8192);
    expect_same_error<misfit::Error>([] { misfit::Communicator{MPI_COMM_WORLD}; },
                                     {"Communicator: rank " + std::to_string(poor), "no memory"});
  }
}

TEST(MemoryFaults, text_of_an_error) {
  const misfit::Communicator comm(MPI_COMM_WORLD);
  // Of several pieces, and made while there is memory.
  const misfit::ArgumentError error("y: " + std::string(50000, 'x'));
  for (const int poor : {0, world_size() - 1})
    for (const int bad : {0, world_size() - 1}) {
      const auto call = [&] {
        comm.agree("read", [&] {
          if (world_rank() == bad) throw misfit::ArgumentError(error);
        });
      };
      expect_error_beside<misfit::ArgumentError>(
          poor, call, "read: rank " + std::to_string(bad) + ": " + error.what());
      std::int64_t ranks = 1;
      comm.sum(&ranks, 1);
      EXPECT_EQ(ranks, world_size());
    }
}

TEST(MemoryFaults, text_of_calls_that_differ) {
  if (world_size() == 1) return;
  const misfit::Communicator comm(MPI_COMM_WORLD);
  const auto& calls = misfit::detail::Internals::of(comm);
  const int last = world_size() - 1;
  const std::string rank = "rank " + std::to_string(last);
  for (const int poor : {0, last}) {
    expect_error_beside<misfit::ArgumentError>(
        poor, [&] { comm.agree(world_rank() == last ? "write" : "read", [] {}); },
        "collective calls in different order: " + rank + " calls write, rank 0 calls read");
    const auto work = [](misfit::detail::ErrorContext&) {};
    expect_error_beside<misfit::ArgumentError>(
        poor, [&] { calls.together({"read", {{"the size", world_rank() / last}}}, work); },
        "read: " + rank + ": the size is 1 on " + rank + " and 0 on rank 0");
    std::int64_t ranks = 1;
    comm.sum(&ranks, 1);
    EXPECT_EQ(ranks, world_size());
  }
}

TEST(MemoryFaults, memory_of_the_node) {
  const bool there = misfit::detail::NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD).has_value();
  for (const int poor : {0, world_size() - 1}) {
    std::optional<misfit::detail::NodeSum> node;
    bool thrown = false;
    {
      const NothingNew limit(world_rank() == poor);
      try {
        node = misfit::detail::NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
    }
    EXPECT_FALSE(thrown);
    EXPECT_EQ(node.has_value(), there);
    std::vector<double> values(1000, 1.0);
    if (node) node->sum(misfit::detail::reduction_buffer_of(values.data(), values.size()));
    EXPECT_EQ(values[999], there ? world_size() : 1);
  }
}

/// All on one rank; the others hold the map of the owners, 16 MiB, and exchange sizes, 64 MiB.
/// Which comes after ranks have agreed.
TEST(MemoryFaults, first_long_sum) {
  for (const int poor : {0, world_size() - 1}) {
    const misfit::Communicator comm(MPI_COMM_WORLD);
    const auto& calls = misfit::detail::Internals::of(comm);
    std::vector<double> values(1000, 1.0);
    bool thrown = false;
    {
      const NothingNew limit(world_rank() == poor);
      try {
        calls.sum_together({"some_call", {}}, [](misfit::detail::ErrorContext&) {}, values);
      } catch (...) {
        thrown = true;
      }
    }
    EXPECT_FALSE(thrown);
    EXPECT_EQ(values[999], world_size());
  }
}

TEST(MemoryFaults, sizes_of_many_operators) {
  if (world_size() == 1) return;
  for (const int poor : {0, world_size() - 1}) {
    const auto partition =
        misfit::Partition::from_owners(std::vector<int>(1 << 22, poor == 0 ? world_size() - 1 : 0));
    const NoMoreMemory limit(world_rank() == poor, 40 << 20);
    expect_same_error<misfit::CallbackError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, partition,
                                      [](int) { return misfit::Identity{1}; });
        },
        {"rank " + std::to_string(poor), "alloc"});
  }
}

}  // namespace
