// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/error.hpp>
#include <misfit/partition.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace {

using misfit::Partition;

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

}  // namespace
