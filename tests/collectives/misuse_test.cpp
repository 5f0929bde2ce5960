// SPDX-License-Identifier: BSD-3-Clause

// Outputs that share memory with inputs, batches larger than any memory, objects that were moved
// from, and copies that are used at once.

#include "support/fault_test.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/mask.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;
using misfit::test::FaultTest;
using misfit::test::MatrixOperator;
using misfit::test::rows;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

TEST_F(FaultTest, output_that_overlaps_a_measurement) {
  for (const auto& ranks : fault_sets()) {
    // One block of memory: the output of `unknowns` entries, and a measurement that begins within.
    const Kokkos::View<double*> block("block", unknowns + rows);
    const auto out = Kokkos::subview(block, std::pair<std::size_t, std::size_t>(0, unknowns));
    std::vector<Kokkos::View<double*>> data;
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k) data.push_back(y[k]);
    if (contains(ranks, world_rank()))
      data[0] = Kokkos::subview(block, std::pair<std::size_t, std::size_t>(2, 2 + rows));

    const auto text = place_text(ranks);
    expect_same_error<ArgumentError>([&] { operators.adjoint(exec, data, out); },
                                     {text, "x: shares memory with y"});
    expect_same_error<ArgumentError>([&] { operators.vjp(exec, x, data, out); },
                                     {text, "g: shares memory with r"});
    expect_same_error<ArgumentError>([&] { fidelity.grad(exec, x, data, operators, out); },
                                     {rank_text(ranks), "gradient: shares memory with y"});
    expect_same_error<ArgumentError>([&] { fidelity.fn_and_grad(exec, x, data, operators, out); },
                                     {rank_text(ranks), "gradient: shares memory with y"});
    expect_same_error<ArgumentError>([&] { fidelity.prox(exec, 0.1, x, data, operators, out); },
                                     {rank_text(ranks), "result: shares memory with y"});
    expect_same_error<ArgumentError>([&] { operators.least_squares(exec, data, out); },
                                     {rank_text(ranks), "x: shares memory with y"});
    expect_still_right();
  }
}

TEST_F(FaultTest, output_that_overlaps_the_input) {
  const Kokkos::View<double*> block("block", unknowns + 2);
  const auto signal = [&](std::size_t first) -> Kokkos::View<double*> {
    return Kokkos::subview(block, std::pair(first, first + unknowns));
  };
  for (const auto& ranks : fault_sets()) {
    const auto out = contains(ranks, world_rank()) ? signal(2) : gradient;
    expect_same_error<ArgumentError>([&] { operators.normal(exec, signal(0), out); },
                                     {"normal: " + rank_text(ranks), "g: shares memory with x"});
    expect_same_error<ArgumentError>([&] { operators.vjp(exec, signal(0), y, out); },
                                     {"vjp: " + rank_text(ranks), "g: shares memory with x"});
    expect_still_right();
  }
}

/// That forward() refuses outputs over its input, and two in one place.
template <typename Operators, typename X, typename Signal, typename Y>
void expect_refused(const Operators& operators, const std::string& rank, const Signal& signal,
                    const Y& over_signal, const X& x, const Y& twice) {
  const auto forward = [&](const auto& in, const auto& out) {
    operators.communicator().agree("test", [&] {
      operators.forward(Kokkos::DefaultExecutionSpace{}, in, out, misfit::Scope::local);
    });
  };
  expect_same_error<ArgumentError>([&] { forward(signal, over_signal); },
                                   {rank, "y: shares memory with x"});
  expect_same_error<ArgumentError>([&] { forward(x, twice); },
                                   {rank, "two of its Views share memory"});
}

TEST_F(FaultTest, outputs_of_forward_that_overlap) {
  for (const auto& ranks : fault_sets()) {
    const bool bad = contains(ranks, world_rank());
    const Kokkos::View<double*> block("block", unknowns + rows);
    const auto signal = Kokkos::subview(block, std::pair<std::size_t, std::size_t>(0, unknowns));
    std::vector<Kokkos::View<double*>> over_x, twice;
    for (int k = 0; k < 2; ++k) {
      over_x.push_back(vector_of<double>(1, rows));
      twice.push_back(vector_of<double>(1, rows));
    }
    if (bad) {
      over_x[1] = Kokkos::subview(block, std::pair<std::size_t, std::size_t>(4, 4 + rows));
      twice[1] = twice[0];
    }
    expect_refused(operators, rank_text(ranks), signal, over_x, x, twice);
  }
}

TEST_F(FaultTest, outputs_of_forward_that_share_rows_of_a_matrix) {
  const Kokkos::View<double**, Kokkos::LayoutLeft> matrix("matrix", 5, rows);
  const auto three = misfit::test::batch_of<double>(1, 2, unknowns);
  const auto at = [&](std::size_t row) {
    return Kokkos::subview(matrix, std::pair(row, row + 2), Kokkos::ALL);
  };
  const auto forward = [&](std::size_t second) {
    operators.communicator().agree("test", [&] {
      operators.forward(exec, three, std::vector{at(0), at(second)}, misfit::Scope::local);
    });
  };
  forward(3);
  for (const auto& ranks : fault_sets())
    expect_same_error<ArgumentError>([&] { forward(contains(ranks, world_rank()) ? 1 : 2); },
                                     {rank_text(ranks), "two of its Views share memory"});
}

/// Between the entries of one that is strided another may lie; on them none.
TEST_F(FaultTest, strided_outputs_that_overlap) {
  using Strided =
      Kokkos::View<double*, Kokkos::LayoutStride, Kokkos::DefaultExecutionSpace::memory_space>;
  const Kokkos::View<double*> memory("memory", 3 * unknowns);
  const auto every_third = [&](std::size_t first, std::size_t n) {
    return Strided(memory.data() + first, Kokkos::LayoutStride(n, 3));
  };
  const Kokkos::View<double*, Kokkos::MemoryTraits<Kokkos::Unmanaged>> one(memory.data() + 1, 1),
      two(memory.data() + 1, 2), six(memory.data() + 4, 6);
  const auto apart = [](const auto& a, const auto& b) {
    return !misfit::detail::share_memory(a, b) && !misfit::detail::share_memory(b, a);
  };
  EXPECT_TRUE(apart(every_third(0, 4), one));
  EXPECT_TRUE(apart(every_third(0, 4), two));
  EXPECT_FALSE(apart(every_third(1, 4), two));
  EXPECT_FALSE(apart(every_third(2, 4), two));
  EXPECT_FALSE(apart(every_third(0, 4), six));
  EXPECT_TRUE(apart(every_third(0, 2), six));
  EXPECT_TRUE(apart(every_third(10, 2), six));
  EXPECT_TRUE(apart(every_third(0, 4), every_third(1, 4)));

  for (const auto& ranks : fault_sets()) {
    const bool bad = contains(ranks, world_rank());
    std::vector<Strided> over_x, twice;
    for (std::size_t k = 0; k < 2; ++k) {
      over_x.push_back(every_third(k, rows));
      twice.push_back(every_third(bad ? 0 : k, rows));
    }
    const Kokkos::View<double*, Kokkos::MemoryTraits<Kokkos::Unmanaged>> signal(
        bad ? memory.data() + 3 : x.data(), unknowns);
    expect_refused(operators, rank_text(ranks), signal, over_x, x, twice);
  }
}

TEST_F(FaultTest, batch_of_more_signals_than_any_memory_holds) {
  // Signals without entries: 2^61 of them take no memory, their values would.
  const misfit::DistributedOperator<MatrixOperator<double>> none(MPI_COMM_WORLD, 0, make);
  const std::vector<Kokkos::View<double**, Kokkos::LayoutRight>> no_data;
  for (const auto& ranks : fault_sets()) {
    const std::size_t batch = contains(ranks, world_rank()) ? std::size_t{1} << 61 : 2;
    const Kokkos::View<double**, Kokkos::LayoutRight> signals("signals", batch, 0),
        gradient_of_them("gradient", batch, 0);
    for (const bool with_gradient : {false, true})
      EXPECT_THROW(
          {
            if (with_gradient)
              fidelity.fn_and_grad(exec, signals, no_data, none, gradient_of_them);
            else
              fidelity.fn(exec, signals, no_data, none);
          },
          misfit::Error);
    expect_still_right();
  }
}

TEST_F(FaultTest, fidelity_that_was_moved_from) {
  for (const auto& ranks : fault_sets()) {
    misfit::DistributedDataFidelity<misfit::L2> first(misfit::L2{0.7});
    if (contains(ranks, world_rank())) {
      const auto second = std::move(first);
      EXPECT_EQ(second.reduction(), misfit::Reduction::sum);
    }
    expect_same_error<ArgumentError>(
        [&] { first.fn(exec, x, y, operators); },  // NOLINT(bugprone-use-after-move): on purpose
        {rank_text(ranks), "moved from"});
    first = misfit::DistributedDataFidelity<misfit::L2>(misfit::L2{0.7});
    EXPECT_EQ(first.fn(exec, x, y, operators), right);
  }
}

TEST(FaultOfMemory, copies_of_a_fidelity_run_at_once) {
  if (world_size() > 1) return;  // threads of one rank; MPI has no part in it
  using Space = Kokkos::DefaultExecutionSpace;
  constexpr std::size_t n = 3000;
  constexpr int repetitions = 400;
  const auto problem = [](int seed) {
    return misfit::DistributedOperator(MPI_COMM_SELF, 2, [seed](int i) {
      return misfit::Mask{vector_of<double>(static_cast<std::size_t>(2 * seed + i), n)};
    });
  };
  const auto first = problem(1), second = problem(2);
  const auto data_of = [](const auto& operators, std::size_t seed) {
    return operators.measurements([seed](int) { return vector_of<double>(seed, n); });
  };
  const auto y_first = data_of(first, 5), y_second = data_of(second, 6);
  const misfit::DistributedDataFidelity original(misfit::L2{0.7});
  const auto x = vector_of<double>(3, n);
  const auto evaluate = [&](const auto& fidelity, const auto& operators, const auto& y,
                            const auto& g) {
    return fidelity.fn_and_grad(Space{}, x, y, operators, g);
  };
  const Kokkos::View<double*> g_first("first", n), g_second("second", n);
  const double right_first = evaluate(original, first, y_first, g_first);
  const double right_second = evaluate(original, second, y_second, g_second);
  const auto copy = original;  // of one that has workspace

  int wrong_first = 0, wrong_second = 0;
  std::thread other([&] {
    for (int k = 0; k < repetitions; ++k)
      wrong_second += evaluate(copy, second, y_second, g_second) != right_second ? 1 : 0;
  });
  for (int k = 0; k < repetitions; ++k)
    wrong_first += evaluate(original, first, y_first, g_first) != right_first ? 1 : 0;
  other.join();

  EXPECT_EQ(wrong_first, 0);
  EXPECT_EQ(wrong_second, 0);
}

}  // namespace
