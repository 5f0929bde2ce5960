// SPDX-License-Identifier: BSD-3-Clause

// What a plan says each rank has, sends and needs, counted by hand and against what Kokkos
// allocates.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace misfit;
using test::Exec;

std::int64_t in_use, most_in_use;  // NOLINT: the hooks are plain functions [bytes]

void allocated(Kokkos::Tools::SpaceHandle, const char*, const void*, std::uint64_t bytes) {
  in_use += static_cast<std::int64_t>(bytes);
  most_in_use = std::max(most_in_use, in_use);
}
void freed(Kokkos::Tools::SpaceHandle, const char*, const void*, std::uint64_t bytes) {
  in_use -= static_cast<std::int64_t>(bytes);
}

/// The most that Views took at once during `work`.
template <typename Work>
std::int64_t memory_of(Work&& work) {
  in_use = most_in_use = 0;
  Kokkos::Tools::Experimental::set_allocate_data_callback(allocated);
  Kokkos::Tools::Experimental::set_deallocate_data_callback(freed);
  work();
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  Kokkos::Tools::Experimental::set_deallocate_data_callback(nullptr);
  return most_in_use;
}

const Shape volume{48, 64, 40};

DistributedOperator<Blur<float>> blurs(const Slabs& slabs) {
  return {slabs, 3, [](int) {
            Kokkos::View<float***> kernel("kernel", 5, 5, 5);
            Kokkos::deep_copy(kernel, 0.008F);
            return compose(Downsample(volume, 2), Blur(volume, kernel, Padding::replicate));
          }};
}

constexpr std::size_t slice = 64 * 40, sampled_slice = 32 * 20;

/// What the rank has of `volume`: its slices, those that it reads of others, and its rows of a
/// measurement.
struct Share {
  std::size_t slices, ghosts, sampled;
};

/// By hand: blurs of 5 taps read two slices on each side, and every second slice is measured.
Share share_of(const Rows& rows) {
  const std::size_t before = std::min<std::size_t>(rows.begin, 2),
                    after = std::min<std::size_t>(volume[0] - rows.end, 2);
  return {rows.size(), before + after, (rows.end + 1) / 2 - (rows.begin + 1) / 2};
}

TEST(DistributionPlan, of_slabs_is_what_one_counts_by_hand) {
  const Slabs slabs(MPI_COMM_WORLD, volume);
  const DistributionPlan plan = blurs(slabs).plan<float>();

  EXPECT_EQ(plan.operators, 3);
  ASSERT_EQ(plan.ranks.size(), static_cast<std::size_t>(test::world_size()));
  for (int rank = 0; rank < test::world_size(); ++rank) {
    const RankPlan& found = plan.ranks[static_cast<std::size_t>(rank)];
    const Rows rows = slabs.rows(rank);
    const Share share = share_of(rows);
    const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
    const std::int64_t neighbours = (rank > 0) + (rank + 1 < test::world_size());

    EXPECT_EQ(found.operators, 3);
    EXPECT_EQ(found.rows, rows);
    EXPECT_EQ(found.unknowns, count(share.slices * slice));
    EXPECT_EQ(found.ghosts, count(share.ghosts * slice));
    EXPECT_EQ(found.measured, count(3 * share.sampled * sampled_slice));
    EXPECT_EQ(found.messages, neighbours);
    EXPECT_EQ(found.message_bytes, count(4 * 2 * slice) * neighbours);
    EXPECT_EQ(found.summed_bytes, 0);
    const std::size_t copies = share.ghosts > 0 ? share.slices + share.ghosts : 0;
    EXPECT_EQ(found.memory_bytes,
              count(4 * ((2 * share.slices + 2 * copies + 2 * share.ghosts) * slice +
                         (3 + 1) * share.sampled * sampled_slice)));
  }
}

TEST(DistributionPlan, of_slabs_predicts_the_memory_of_a_rank) {
  const Exec exec;
  const Slabs slabs(MPI_COMM_WORLD, volume);
  std::int64_t predicted = 0;
  const std::int64_t used = memory_of([&] {
    const auto operators = blurs(slabs);
    predicted =
        operators.plan<float>().ranks[static_cast<std::size_t>(test::world_rank())].memory_bytes;
    const auto y = operators.measurements([](int, const Rows& rows) {
      return test::vector_of<float>(1, rows.size() * sampled_slice);
    });
    const auto x = test::vector_of<float>(2, slabs.owned_size());
    const Kokkos::View<float*> gradient("gradient", slabs.owned_size());
    const DistributedDataFidelity fidelity(L2{0.5});
    for (int call = 0; call < 2; ++call) fidelity.fn_and_grad(exec, x, y, operators, gradient);
  });

  EXPECT_LE(static_cast<double>(used), 1.10 * static_cast<double>(predicted));
  EXPECT_GE(static_cast<double>(used), 0.85 * static_cast<double>(predicted));
}

TEST(DistributionPlan, predicts_the_memory_of_a_linearization) {
  const Exec exec;
  const Slabs slabs(MPI_COMM_WORLD, volume);
  std::int64_t predicted = 0;
  const auto used = [&](bool with_point) {
    return memory_of([&] {
      const auto operators = blurs(slabs);
      predicted = operators.plan<float>()
                      .ranks[static_cast<std::size_t>(test::world_rank())]
                      .linearization_bytes;
      const auto y = operators.measurements([](int, const Rows& rows) {
        return test::vector_of<float>(1, rows.size() * sampled_slice);
      });
      const auto x = test::vector_of<float>(2, slabs.owned_size());
      const Kokkos::View<float*> gradient("gradient", slabs.owned_size());
      const DistributedDataFidelity fidelity(Huber{0.5});
      fidelity.grad(exec, x, y, operators, gradient);
      if (!with_point) return;
      auto point = fidelity.at(exec, x, y, operators);
      point.gradient(gradient);
      point.gauss_newton(x, gradient);
    });
  };
  const auto more = static_cast<double>(used(true) - used(false));
  EXPECT_LE(more, 1.10 * static_cast<double>(predicted));
  EXPECT_GE(more, 0.85 * static_cast<double>(predicted));
}

TEST(DistributionPlan, of_whole_signals_and_of_members) {
  const auto identity = [](int) { return Identity{12}; };
  const DistributionPlan whole =
      DistributedOperator(MPI_COMM_WORLD, 3, identity).plan<Kokkos::complex<double>>();
  const std::int64_t sum = test::world_size() > 1 ? 12 * 16 : 0;
  for (std::size_t rank = 0; rank < whole.ranks.size(); ++rank) {
    const std::int64_t ranks = test::world_size(),
                       own = (2 - static_cast<std::int64_t>(rank) + ranks) / ranks;
    const std::int64_t largest = own > 0 ? 12 : 0;
    const RankPlan expected{own,
                            {},
                            12,
                            0,
                            12 * own,
                            0,
                            0,
                            sum,
                            16 * (24 + 12 * own + largest),
                            16 * (2 * 12 * own + 3 * largest)};
    EXPECT_EQ(whole.ranks[rank], expected) << rank;
  }

  // What ranks receive in the sum of a gradient that is not small.
  const auto large = [](int) { return Identity{1000}; };
  EXPECT_EQ(DistributedOperator(MPI_COMM_WORLD, 0, large).plan<double>().ranks[0].memory_bytes, 0);
  const auto memory =
      DistributedOperator(MPI_COMM_WORLD, 1, large).plan<double>().ranks[0].memory_bytes;
  EXPECT_EQ(memory, 8 * 4000 + (test::world_size() > 1 ? 2 * 8000 : 0));

  const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = test::world_size() > 1 ? 2 : 1});
  const DistributionPlan members = DistributedOperator(ensemble, 8, identity).plan<float>();
  for (const RankPlan& rank : members.ranks) {
    EXPECT_EQ(rank.operators, 8 / ensemble.size());
    EXPECT_EQ(rank.unknowns, 12);
    EXPECT_EQ(rank.summed_bytes, ensemble.size() > 1 ? 12 * 4 : 0);
  }
}

TEST(DistributionPlan, of_slabs_in_members) {
  // Members of one rank, whose ghost rows are copies of its own rows: no messages.
  const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = 1});
  const Slabs slabs(ensemble, {6, 4});
  const DistributedOperator operators(slabs, 8, [](int) {
    return Blur({6, 4}, test::batch_of<float>(1, 3, 3), Padding::circular);
  });
  for (const RankPlan& rank : operators.plan<float>().ranks) {
    EXPECT_EQ(rank.ghosts, 2 * 4);
    EXPECT_EQ(rank.messages, 0);
    EXPECT_EQ(rank.message_bytes, 0);
    EXPECT_EQ(rank.summed_bytes, ensemble.size() > 1 ? 24 * 4 : 0);
  }
}

TEST(DistributionPlan, is_of_one_type_on_all_ranks) {
  if (test::world_size() == 1) GTEST_SKIP() << "needs two ranks";
  const DistributedOperator operators(MPI_COMM_WORLD, 1, [](int) { return Identity{3}; });
  test::expect_same_error<ArgumentError>(
      [&] { test::world_rank() == 1 ? operators.plan<float>() : operators.plan<double>(); },
      {"plan", "the bytes of an entry"});
  EXPECT_EQ(operators.plan<float>().operators, 1);
}

/// A user's operator that cannot say its size any more.
struct Broken : Identity {
  explicit Broken(const bool* broken) : Identity(3), fails(broken) {}
  std::size_t range_size() const {
    if (*fails) throw std::runtime_error("no size");
    return 3;
  }

  const bool* fails;
};

TEST(DistributionPlan, of_an_operator_that_throws_is_refused_everywhere) {
  bool fails = false;
  const DistributedOperator operators(MPI_COMM_WORLD, test::world_size(),
                                      [&](int) { return Broken(&fails); });
  for (const auto& ranks : test::fault_sets()) {
    fails = test::contains(ranks, test::world_rank());
    const std::string rank = std::to_string(ranks.front());
    test::expect_same_error<Error>([&] { operators.plan<double>(); },
                                   {"plan: rank " + rank + ", operator " + rank, "no size"});
    fails = false;
    EXPECT_EQ(operators.plan<double>().operators, test::world_size());
  }
}

TEST(DistributionPlan, prints_itself) {
  const DistributionPlan plan{
      2,
      {{2, {0, 10}, 1000, 200, 500, 1, 800, 0, 26000},
       {1, {10, 19}, 900, 100, 0, 2, 1500, 3 << 20, std::int64_t{5} << 30}}};
  EXPECT_EQ(
      plan.text(),
      "2 operators on 2 ranks\n"
      "rank  operators  unknowns  ghosts  measured  messages  exchanged   summed    memory\n"
      "   0          2      1000     200       500         1      800 B      0 B  25.4 KiB\n"
      "   1          1       900     100         0         2    1.5 KiB  3.0 MiB   5.0 GiB\n");
}

}  // namespace
