// SPDX-License-Identifier: BSD-3-Clause

// Which operators a rank has, and what every rank knows of those of others.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distributed_operator.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;

std::size_t rows_of(int i) { return 2 + static_cast<std::size_t>(i); }

TEST(DistributedOperator, partition_and_sizes_are_known_everywhere) {
  const int ranks = misfit::test::world_size();
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, misfit::Partition::from_owners({ranks - 1, 0, ranks - 1}),
      [](int i) { return MatrixOperator<double>(static_cast<std::size_t>(i), rows_of(i), 5); });

  EXPECT_EQ(operators.size(), 3);
  EXPECT_EQ(operators.domain_size(), 5U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(operators.range_size(i), rows_of(i));
  EXPECT_EQ(operators.owner(2), ranks - 1);
  for (std::size_t k = 0; k < operators.local_indices().size(); ++k)
    EXPECT_EQ(operators.local_operator(k).range_size(), rows_of(operators.local_indices()[k]));
}

TEST(DistributedOperator, factories_are_told_which_operator_of_the_rank_they_make) {
  const misfit::Communicator world(MPI_COMM_WORLD);
  std::vector<std::size_t> made;
  const misfit::DistributedOperator operators(world, 7, [&](int i, std::size_t k) {
    made.push_back(k);
    return MatrixOperator<double>(static_cast<std::size_t>(i), 4, 3);
  });
  ASSERT_EQ(made.size(), operators.local_indices().size());
  for (std::size_t k = 0; k < made.size(); ++k) EXPECT_EQ(made[k], k);

  const auto partition = misfit::Partition::round_robin(7);
  EXPECT_EQ(operators.local_indices(), partition.local_indices(world.rank(), world.size()));
  const auto y = operators.measurements(Exec{}, [&](int i, std::size_t k) {
    EXPECT_EQ(operators.local_indices()[k], i);
    return vector_of<double>(20, 4);
  });
  EXPECT_EQ(y.size(), made.size());
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] {
        operators.measurements(Exec{}, [](int, const misfit::Rows& rows) {
          return vector_of<double>(20, rows.size());
        });
      },
      {"the factory takes rows, but misfit has not cut the operators"});
}

TEST(DistributedOperator, allocates_measurements) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [](int i) {
    return MatrixOperator<double>(1, static_cast<std::size_t>(i), 7);
  });
  const auto single = operators.allocate_measurements<double>();
  const auto batch = operators.allocate_measurements<double>(3);
  ASSERT_EQ(single.size(), operators.local_indices().size());
  ASSERT_EQ(batch.size(), single.size());
  for (std::size_t k = 0; k < single.size(); ++k) {
    const std::size_t m = operators.range_size(operators.local_indices()[k]);
    EXPECT_EQ(single[k].extent(0), m);
    EXPECT_EQ(batch[k].extent(0), 3U);
    EXPECT_EQ(batch[k].extent(1), m);
  }
  operators.forward(Exec{}, vector_of<double>(1, 7), single, misfit::Scope::local);
}

}  // namespace
