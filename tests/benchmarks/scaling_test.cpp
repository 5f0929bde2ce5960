// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/machine.hpp"
#include "scaling/mpi_calls.hpp"
#include "scaling/scaling_case.hpp"
#include "support/errors.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <stdexcept>
#include <string>

namespace {

using misfit::bench::Call;
using misfit::bench::parse_case;
using misfit::test::world_size;

TEST(ScalingCase, says_what_stands_in_it) {
  const auto strong = parse_case("mask/strong/16/65536/grad");
  const auto weak = parse_case("downsampled_blur/weak/2/128/fn");

  EXPECT_EQ(strong.name, "mask/strong/16/65536/grad");
  EXPECT_EQ(strong.family, "mask");
  EXPECT_EQ(strong.size, 65536);
  EXPECT_EQ(strong.call, Call::grad);
  EXPECT_EQ(strong.operators_of_all(4), 16);
  EXPECT_EQ(weak.family, "downsampled_blur");
  EXPECT_EQ(weak.call, Call::fn);
  EXPECT_EQ(weak.operators_of_all(4), 8);
}

TEST(ScalingCase, refuses_what_is_none) {
  for (const char* text :
       {"", "mask", "mask/strong/16/65536", "mask/strong/16/65536/grad/", "mask/wide/16/65536/grad",
        "mask/strong/0/65536/grad", "mask/strong/-1/65536/grad", "mask/strong/16/6e4/grad",
        "mask/strong/16//grad", "mask/strong/16/99999999999/grad", "mask/strong/16/65536/gradient"})
    EXPECT_THROW(parse_case(text), std::invalid_argument) << text;
}

// 2 ranks exchange all once; 3 need two turns, and two thirds of the data out of each and back.
TEST(AllReduceBound, has_a_term_for_messages_and_one_for_bytes) {
  const misfit::bench::Link link{1e-6, 1e9};

  EXPECT_DOUBLE_EQ(misfit::bench::least_all_reduce_time(link, 1e6, 2), 1e-6 + 1e-3);
  EXPECT_DOUBLE_EQ(misfit::bench::least_all_reduce_time(link, 3e6, 3), 2e-6 + 4e-3);
  EXPECT_DOUBLE_EQ(misfit::bench::least_all_reduce_time(link, 0, 1024), 10e-6);
}

TEST(MeasuredLink, is_the_same_on_all_ranks) {
  if (world_size() == 1) GTEST_SKIP() << "a link has two ends";
  const auto link = misfit::bench::measure_link();
  std::array<double, 2> smallest{link.latency, link.bandwidth}, largest = smallest;
  MPI_Allreduce(MPI_IN_PLACE, smallest.data(), 2, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, largest.data(), 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);

  EXPECT_GT(link.latency, 0);
  EXPECT_GT(link.bandwidth, 0);
  EXPECT_EQ(smallest, largest);
}

TEST(MpiCalls, are_counted_with_their_bytes_from_the_first_on) {
  std::array<double, 5> in{}, out{};
  misfit::bench::watch_mpi_calls();
  const double before = MPI_Wtime();
  MPI_Allreduce(in.data(), out.data(), 5, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  const double between = MPI_Wtime();
  MPI_Bcast(out.data(), 3, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  const auto calls = misfit::bench::mpi_calls();

  EXPECT_EQ(calls.count, 2);
  EXPECT_EQ(calls.bytes, 8 * sizeof(double));
  EXPECT_GE(calls.first, before);
  EXPECT_LE(calls.first, between);
  misfit::bench::watch_mpi_calls();
  EXPECT_EQ(misfit::bench::mpi_calls().count, 0);
}

}  // namespace
