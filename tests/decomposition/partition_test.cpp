// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"

#include <misfit/error.hpp>
#include <misfit/partition.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace {

using misfit::Partition;
using misfit::test::expect_argument_error;

TEST(Partition, round_robin_deals_in_turn) {
  EXPECT_EQ(Partition::round_robin(5).owners(3), (std::vector<int>{0, 1, 2, 0, 1}));
  EXPECT_EQ(Partition::round_robin(2).owners(3), (std::vector<int>{0, 1}));
  EXPECT_TRUE(Partition::round_robin(0).owners(3).empty());
}

TEST(Partition, blocks_are_consecutive_and_even) {
  for (int n = 0; n < 20; ++n)
    for (int ranks = 1; ranks < 9; ++ranks) {
      const auto owners = Partition::blocks(n).owners(ranks);

      ASSERT_EQ(owners.size(), static_cast<std::size_t>(n));
      EXPECT_TRUE(std::is_sorted(owners.begin(), owners.end()));
      for (int r = 0; r < ranks; ++r) {
        const auto count = std::count(owners.begin(), owners.end(), r);
        EXPECT_TRUE(count == n / ranks || count == (n + ranks - 1) / ranks)
            << n << " operators, rank " << r << " of " << ranks << " has " << count;
      }
    }
}

TEST(Partition, local_indices_are_those_that_a_rank_owns) {
  EXPECT_EQ(Partition::round_robin(5).local_indices(1, 3), (std::vector<int>{1, 4}));
  EXPECT_EQ(Partition::from_owners({2, 0, 2}).local_indices(2, 3), (std::vector<int>{0, 2}));
  EXPECT_TRUE(Partition::round_robin(2).local_indices(2, 3).empty());
  EXPECT_THROW(Partition::round_robin(2).local_indices(3, 3), misfit::ArgumentError);
  EXPECT_THROW(Partition::round_robin(2).local_indices(-1, 3), misfit::ArgumentError);
}

TEST(Partition, balanced_by_costs) {
  // By hand: 7 to rank 0; 5 to 1; 4 to 1 (9); 3 to 0 (10); 1 to 1 (10).
  EXPECT_EQ(Partition::balanced({1, 7, 3, 5, 4}).owners(2), (std::vector<int>{1, 0, 0, 1, 1}));
  EXPECT_EQ(Partition::balanced({0, 0, 0}).owners(3), (std::vector<int>{0, 1, 2}));
}

TEST(Partition, own_map_is_kept) {
  EXPECT_EQ(Partition::from_owners({2, 2, 0}).owners(3), (std::vector<int>{2, 2, 0}));
}

TEST(Partition, moved_from_is_as_it_was) {
  Partition partition = Partition::from_owners({2, 2, 0});
  const Partition moved = std::move(partition);
  EXPECT_EQ(partition.owners(3), moved.owners(3));  // NOLINT(bugprone-use-after-move)
}

TEST(Partition, refuses_what_cannot_be) {
  EXPECT_THROW(Partition::round_robin(-1).owners(1), misfit::ArgumentError);
  EXPECT_THROW(Partition::blocks(-3).owners(1), misfit::ArgumentError);
  EXPECT_THROW(Partition::balanced({1, -1}).owners(1), misfit::ArgumentError);
  EXPECT_THROW(Partition::balanced({std::numeric_limits<double>::quiet_NaN()}).owners(1),
               misfit::ArgumentError);
  EXPECT_THROW(Partition::from_owners({0, 3}).owners(3), misfit::ArgumentError);
  EXPECT_THROW(Partition::from_owners({0, -1}).owners(3), misfit::ArgumentError);
}

/// The work of a rank, where operator i has rows[i] of them.
double work_of(const misfit::SplitPartition& split, const std::vector<std::size_t>& rows, int rank,
               int ranks) {
  double work = 0;
  for (const misfit::OperatorPart& part : split.parts(rank, ranks)) {
    const auto i = static_cast<std::size_t>(part.index);
    work += split.costs()[i] * static_cast<double>(part.of(rows[i]).size()) /
            static_cast<double>(rows[i]);
  }
  return work;
}

TEST(Partition, of_no_rank_is_refused) {
  for (const int ranks : {0, -1})
    for (const Partition& partition :
         {Partition::round_robin(3), Partition::blocks(3), Partition::balanced({1.0, 2.0}),
          Partition::ordered_subsets(4, 2), Partition::from_owners({0})})
      EXPECT_THROW(partition.owners(ranks), misfit::ArgumentError);
}

TEST(SplitPartition, a_part_is_the_whole_operator_unless_told) {
  EXPECT_EQ(misfit::OperatorPart{}.of(7).begin, 0U);
  EXPECT_EQ(misfit::OperatorPart{}.of(7).end, 7U);
  EXPECT_EQ(misfit::Rows{}.begin, 0U);
  EXPECT_TRUE(misfit::Rows{}.empty());
}

TEST(SplitPartition, tells_every_row_to_one_rank) {
  const std::vector<double> costs{3, 0, 1, 1e-9, 7.5, 0.1};
  const std::vector<std::size_t> rows{10, 4, 1, 3, 1000, 0};
  for (int ranks = 1; ranks < 40; ++ranks)
    for (std::size_t i = 0; i < costs.size(); ++i) {
      std::size_t next = 0;
      for (int rank = 0; rank < ranks; ++rank)
        for (const auto& part : Partition::split(costs).parts(rank, ranks))
          if (part.index == static_cast<int>(i)) {
            EXPECT_EQ(part.of(rows[i]).begin, next) << ranks << " ranks, operator " << i;
            next = part.of(rows[i]).end;
          }
      EXPECT_EQ(next, rows[i]) << ranks << " ranks, operator " << i;
    }
}

TEST(SplitPartition, gives_all_ranks_nearly_the_same_work) {
  const std::vector<double> costs{3, 1, 4, 1.5, 9, 2.6, 5};
  const std::vector<std::size_t> rows(costs.size(), 400);
  const double all = std::accumulate(costs.begin(), costs.end(), 0.0);
  for (int ranks = 1; ranks < 70; ++ranks)
    for (int rank = 0; rank < ranks; ++rank)
      EXPECT_LE(work_of(Partition::split(costs), rows, rank, ranks), 1.1 * all / ranks)
          << "rank " << rank << " of " << ranks;
}

TEST(SplitPartition, huge_and_equal_costs) {
  const double most = std::numeric_limits<double>::max();
  for (const auto& costs : {std::vector{most, most, most}, std::vector{0.0, 0.0, 0.0}}) {
    const auto split = Partition::split(costs);
    for (int rank = 0; rank < 3; ++rank) {
      const auto parts = split.parts(rank, 3);
      ASSERT_EQ(parts.size(), 1U);
      EXPECT_EQ(parts[0].index, rank);
      EXPECT_EQ(parts[0].of(7), (misfit::Rows{0, 7}));
    }
  }
}

TEST(SplitPartition, a_move_is_a_copy) {
  auto source = Partition::split({1.0, 2.0});
  const auto moved = std::move(source);
  EXPECT_EQ(source.text(2), moved.text(2));  // NOLINT(bugprone-use-after-move)
}

TEST(SplitPartition, leaves_no_slivers_of_rounding) {
  const std::vector<double> costs{0.7, 0.3, 0.7, 0.3, 0.7, 0.3, 0.7, 0.3, 0.7, 0.3};
  for (int rank = 0; rank < 5; ++rank) {
    const auto parts = Partition::split(costs).parts(rank, 5);
    ASSERT_EQ(parts.size(), 2U) << "rank " << rank;
    for (const auto& part : parts) EXPECT_EQ(part.of(1000), (misfit::Rows{0, 1000}));
  }
}

TEST(Rows, shares_are_consecutive_whatever_their_size) {
  const std::size_t huge = std::size_t{1} << 40;
  std::size_t next = 0;
  for (std::size_t k = 0; k < 7; ++k) {
    const auto share = misfit::share_of_rows(misfit::part_of_rows(huge, k, 7), huge, 4 * huge - 1);
    EXPECT_EQ(share.begin, next);
    next = share.end;
  }
  EXPECT_EQ(next, 4 * huge - 1);
}

TEST(SplitPartition, prints_the_plan) {
  EXPECT_EQ(Partition::split({2.0, 1.0}).text(2),
            "2 operators on 2 ranks, cut into parts\n"
            "rank 0: 0 [0.00, 0.75); 1.00 of the mean work\n"
            "rank 1: 0 [0.75, 1.00), 1; 1.00 of the mean work\n");
  EXPECT_EQ(Partition::split(0).text(1),
            "0 operators on 1 ranks, cut into parts\nrank 0: nothing; 0.00 of the mean work\n");
}

TEST(SplitPartition, refuses_ranks_that_there_are_not) {
  const auto partition = Partition::split(3);
  expect_argument_error("ranks: is 0, must be positive", [&] { (void)partition.text(0); });
  expect_argument_error("ranks: is -2", [&] { (void)partition.text(-2); });
  expect_argument_error("rank: there is no rank 2 of 2", [&] { (void)partition.parts(2, 2); });
  expect_argument_error("rank: there is no rank -1 of 2", [&] { (void)partition.parts(-1, 2); });
}

}  // namespace
