// SPDX-License-Identifier: BSD-3-Clause

// Faults while the others' gradients are already on their way: a small one travels with the header.

#include "support/fault_test.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::Communicator;
using misfit::detail::ErrorContext;
using misfit::test::batch_of;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;
using misfit::test::FaultTest;
using misfit::test::on_host;
using misfit::test::rows;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

class FaultInFlightTest : public FaultTest {
 protected:
  const std::vector<double> right_gradient = [this] {
    fidelity.grad(exec, x, y, operators, gradient);
    return on_host(gradient);
  }();

  void expect_still_right_in_a_loop() {
    for (int step = 0; step < 3; ++step) {
      Kokkos::deep_copy(gradient, -1.0);
      expect_still_right();
      EXPECT_EQ(on_host(gradient), right_gradient);
    }
  }
};

TEST_F(FaultInFlightTest, work_fails_on_some_ranks) {
  for (const auto& ranks : fault_sets()) {
    const std::vector<Kokkos::View<double*>> wrong(
        2, vector_of<double>(1, contains(ranks, world_rank()) ? 7 : rows));
    expect_same_error<ArgumentError>(
        [&] { fidelity.fn_and_grad(exec, x, wrong, operators, gradient); },
        {place_text(ranks), "y: has 7 entries"});
    expect_same_error<ArgumentError>([&] { fidelity.grad(exec, x, wrong, operators, gradient); },
                                     {place_text(ranks), "y: has 7 entries"});
    expect_still_right_in_a_loop();
  }
}

TEST_F(FaultInFlightTest, one_rank_is_in_another_call) {
  if (world_size() == 1) return;
  std::vector<Kokkos::View<double*>> all;
  for (int i = 0; i < n; ++i) all.push_back(vector_of<double>(1, rows));
  const auto other_calls = std::vector<std::function<void()>>{
      [&] { fidelity.fn(exec, x, y, operators); },
      [&] { operators.forward(exec, x, all, misfit::Scope::global); },
      [&] { operators.norm_squared<double>(exec); },
      [&] { operators.adjoint(exec, y, gradient); },
      [&] { operators.measurements([](int) { return vector_of<double>(1, rows); }); },
  };
  for (const int odd : {0, world_size() - 1})
    for (const bool odd_evaluates : {false, true})
      for (const auto& other_call : other_calls) {
        expect_same_error<ArgumentError>(
            [&] {
              if ((world_rank() == odd) == odd_evaluates)
                fidelity.fn_and_grad(exec, x, y, operators, gradient);
              else
                other_call();
            },
            {"different order", "fn_and_grad", "rank 0 calls "});
        expect_still_right_in_a_loop();
      }
}

TEST_F(FaultInFlightTest, one_rank_has_a_batch) {
  if (world_size() == 1) return;
  const auto x_batch = batch_of<double>(1, 2, unknowns), out = batch_of<double>(1, 2, unknowns);
  const auto y_batch = operators.measurements([](int) { return batch_of<double>(2, 2, rows); });
  for (const int odd : {0, world_size() - 1}) {
    expect_same_error<ArgumentError>(
        [&] {
          if (world_rank() == odd)
            fidelity.fn_and_grad(exec, x_batch, y_batch, operators, out);
          else
            fidelity.fn_and_grad(exec, x, y, operators, gradient);
        },
        {"fn_and_grad", "the number of signals is "});
    expect_still_right_in_a_loop();
  }
}

TEST_F(FaultInFlightTest, shapes_take_turns) {
  const auto x_batch = batch_of<double>(1, 3, unknowns), out = batch_of<double>(1, 3, unknowns);
  const auto y_batch = operators.measurements(
      [](int i) { return batch_of<double>(static_cast<std::size_t>(i), 3, rows); });
  const auto values = fidelity.fn_and_grad(exec, x_batch, y_batch, operators, out);
  const auto gradients = on_host(out);
  for (const int repetitions : {1, 2, 3})
    for (int step = 0; step < repetitions; ++step) {
      expect_still_right_in_a_loop();
      for (int again = 0; again < repetitions; ++again) {
        Kokkos::deep_copy(out, -1.0);
        EXPECT_EQ(fidelity.fn_and_grad(exec, x_batch, y_batch, operators, out), values);
        EXPECT_EQ(on_host(out), gradients);
      }
    }
}

TEST_F(FaultInFlightTest, batch_of_more_signals_than_the_header_holds) {
  constexpr std::size_t batch = 37;
  const auto x_batch = batch_of<double>(1, batch, unknowns),
             out = batch_of<double>(1, batch, unknowns);
  const auto y_batch = operators.measurements(
      [](int i) { return batch_of<double>(static_cast<std::size_t>(i), batch, rows); });
  for (int step = 0; step < 3; ++step) {
    const auto values = fidelity.fn_and_grad(exec, x_batch, y_batch, operators, out);
    EXPECT_EQ(fidelity.fn(exec, x_batch, y_batch, operators), values);

    ASSERT_EQ(values.size(), batch);
    const auto local = operators.measurements([](int) { return vector_of<double>(0, rows); });
    for (std::size_t b = 0; b < batch; ++b) {
      std::size_t k = 0;
      const auto y_b = operators.measurements([&](int) {
        return Kokkos::View<double*>(Kokkos::subview(y_batch[k++], b, Kokkos::ALL));
      });
      const Kokkos::View<double*> x_b = Kokkos::subview(x_batch, b, Kokkos::ALL);
      // The same sums in the same order, but for the way through MPI, which may turn two around.
      EXPECT_DOUBLE_EQ(fidelity.fn_and_grad(exec, x_b, y_b, operators, gradient), values[b]);
    }
  }
}

/// On the communicator alone: a reduction buffer that goes through MPI, and one through the node's
/// memory.
class ReductionBufferFaultTest : public testing::TestWithParam<std::size_t> {
 protected:
  const Kokkos::DefaultExecutionSpace exec{};
  const Communicator comm{MPI_COMM_WORLD};

  /// Sums a vector of `n` ones, after `work`.
  template <typename Work>
  void sum(std::size_t n, Work&& work) {
    Kokkos::View<double*> view("view", n);
    Kokkos::deep_copy(view, 1.0);
    double value = comm.rank();
    misfit::detail::Internals::of(comm).sum_together(exec, {"some_call", {{"the fact", 1}}}, work,
                                                     std::span<double>(&value, 1), view);
    EXPECT_EQ(value, 0.5 * comm.size() * (comm.size() - 1));
    EXPECT_EQ(on_host(view), std::vector<double>(n, comm.size()));
  }
  void sum(std::size_t n) {
    sum(n, [](ErrorContext&) {});
  }
};

TEST_P(ReductionBufferFaultTest, work_fails) {
  for (int steps = 0; steps < 3; ++steps)
    for (const auto& ranks : fault_sets()) {
      for (int step = 0; step < steps; ++step) sum(GetParam());
      for (int again = 0; again < 2; ++again)
        expect_same_error<CallbackError>(
            [&] {
              sum(GetParam(), [&](ErrorContext&) {
                if (contains(ranks, comm.rank())) throw std::runtime_error("disk on fire");
              });
            },
            {"rank " + std::to_string(ranks.front()), "disk on fire"});
      sum(GetParam());
    }
}

TEST_P(ReductionBufferFaultTest, another_length_on_one_rank) {
  if (comm.size() == 1) return;
  const std::size_t n = GetParam();
  for (const int odd : {0, comm.size() - 1})
    for (const std::size_t other : {n - 1, n + 1, std::size_t{0}, std::size_t{4}, n + 10000}) {
      sum(n);
      expect_same_error<ArgumentError>([&] { sum(comm.rank() == odd ? other : n); },
                                       {"some_call", "the number of sums is"});
      if (odd == 0)  // the others find the length of rank 0 to be what they had before
        sum(other);
      sum(n);
    }
}

TEST_P(ReductionBufferFaultTest, another_fact_on_one_rank) {
  if (comm.size() == 1) return;
  Kokkos::View<double*> view("view", GetParam());
  for (const int odd : {0, comm.size() - 1}) {
    sum(GetParam());
    expect_same_error<ArgumentError>(
        [&] {
          misfit::detail::Internals::of(comm).sum_together(
              exec, {"some_call", {{"the fact", comm.rank() == odd ? 2 : 1}}}, [](ErrorContext&) {},
              {}, view);
        },
        {"the fact is"});
    sum(GetParam());
  }
}

TEST_P(ReductionBufferFaultTest, one_rank_sums_no_buffer) {
  if (comm.size() == 1) return;
  for (const int odd : {0, comm.size() - 1}) {
    sum(GetParam());
    expect_same_error<ArgumentError>(
        [&] {
          if (comm.rank() == odd)
            misfit::detail::Internals::of(comm).together({"some_call", {{"the fact", 1}}},
                                                         [](ErrorContext&) {});
          else
            sum(GetParam());
        },
        {"the number of values is"});
    sum(GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(ThroughMpiAndThroughTheNode, ReductionBufferFaultTest,
                         testing::Values(std::size_t{5}, std::size_t{50000}));

}  // namespace
