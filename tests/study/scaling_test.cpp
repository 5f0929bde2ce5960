// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/exchange.hpp"
#include "scaling/machine.hpp"
#include "scaling/mpi_calls.hpp"
#include "scaling/scaling_case.hpp"
#include "scaling/scaling_problem.hpp"
#include "support/errors.hpp"
#include "support/statistics.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::bench::Call;
using misfit::bench::Form;
using misfit::bench::parse_case;
using misfit::test::world_size;

// H. A. David and H. N. Nagaraja, "Order Statistics", 2003; for 100 samples the 40th and the 61st.
TEST(Median, interval_is_between_order_statistics) {
  using misfit::bench::median_of;
  EXPECT_EQ(misfit::bench::rank_of_low_end(5), 0U);
  EXPECT_EQ(misfit::bench::rank_of_low_end(6), 1U);
  EXPECT_EQ(misfit::bench::rank_of_low_end(100), 40U);
  EXPECT_EQ(misfit::bench::rank_of_low_end(1000), 469U);
  EXPECT_EQ(misfit::bench::rank_of_low_end(1001), 469U);  // exactly 470
  std::vector<double> samples;
  for (int k = 5000; k > 0; --k) samples.push_back(k);
  const auto median = median_of(samples);
  EXPECT_EQ(median.value, 2500.5);
  EXPECT_EQ(median.low, 2431);
  EXPECT_EQ(median.high, 2570);
}

TEST(ScalingCase, says_what_stands_in_it) {
  const auto strong = parse_case("mask/strong/16/65536/grad/slabs");
  const auto weak = parse_case("downsampled_blur/weak/2/128/fn/replicated");

  EXPECT_EQ(strong.name, "mask/strong/16/65536/grad/slabs");
  EXPECT_EQ(strong.form, Form::slabs);
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
       {"", "mask", "mask/strong/16/65536/grad", "mask/strong/16/65536/grad/slabs/",
        "mask/wide/16/65536/grad/slabs", "mask/strong/0/65536/grad/slabs",
        "mask/strong/-1/65536/grad/slabs", "mask/strong/16/6e4/grad/slabs",
        "mask/strong/16//grad/slabs", "mask/strong/16/99999999999/grad/slabs",
        "mask/strong/16/65536/gradient/slabs", "mask/strong/16/65536/grad/slices",
        "mask/strong/16/65536/grad/members_of_", "mask/strong/16/65536/grad/members_of_0",
        "mask/throughput/16/65536/grad/slabs"})
    EXPECT_THROW(parse_case(text), std::invalid_argument) << text;
}

// Weak: what is in parts grows in rows, and there are as many operators as members have.
TEST(ScalingCase, grows_with_the_ranks_in_a_weak_series) {
  const auto growth = [](const char* text) {
    const auto c = parse_case(text);
    return std::array{c.operators_of_all(8), c.growth(8)};
  };
  EXPECT_EQ(growth("mask/weak/2/9/fn/replicated"), (std::array{16, 1}));
  EXPECT_EQ(growth("mask/weak/2/9/fn/slabs"), (std::array{2, 8}));
  EXPECT_EQ(growth("dense/weak/2/9/fn/split"), (std::array{2, 8}));
  EXPECT_EQ(growth("mask/weak/2/9/fn/members_of_4"), (std::array{4, 4}));
  EXPECT_EQ(growth("mask/strong/2/9/fn/slabs"), (std::array{2, 1}));
  EXPECT_EQ(growth("mask/throughput/2/9/fn/replicated"), (std::array{2, 1}));
}

// Of a form that a placement plan calls by members x slabs.
TEST(ScalingCase, knows_the_placement_of_its_form) {
  const auto placed = [](const char* text, misfit::Placement::Form form, int members) {
    misfit::Placement placement;
    placement.form = form;
    placement.members = members;
    return parse_case(text).is_placed_by(placement, 8);
  };
  using Placed = misfit::Placement::Form;
  EXPECT_TRUE(placed("mask/strong/2/9/fn/replicated", Placed::replicated, 1));
  EXPECT_TRUE(placed("mask/strong/2/9/fn/members_of_4", Placed::slabs, 2));
  EXPECT_TRUE(placed("mask/strong/2/9/fn/slabs", Placed::slabs, 1));
  EXPECT_FALSE(placed("mask/strong/2/9/fn/slabs", Placed::slabs, 2));
  EXPECT_FALSE(placed("dense/strong/2/9/fn/split", Placed::replicated, 1));
}

// Channels x rows x columns, of which a rank owns rows 1 and 2: the image is in every channel.
TEST(SetToImage, takes_the_rows_of_the_slab) {
  const misfit::bench::Numbers<float> x("x", 12);
  std::vector<float> image(12);
  for (std::size_t j = 0; j < image.size(); ++j) image[j] = static_cast<float>(j);
  misfit::bench::set_to_image(x, misfit::Shape{2, 4, 3}, 1, misfit::Rows{1, 3}, image);

  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, x);
  for (std::size_t j = 0; j < 12; ++j) EXPECT_EQ(host(j), static_cast<float>(3 + j % 6)) << j;
}

TEST(Exchange, is_a_sum_or_messages_to_neighbours) {
  const misfit::MachineModel machine{.ranks_per_node = 4, .in_node = {1e-6, 1e9}};
  misfit::DistributionPlan plan{.operators = 3, .ranks = std::vector<misfit::RankPlan>(4)};
  for (auto& rank : plan.ranks) rank.summed_bytes = 4000000;
  const auto sum = misfit::bench::exchange_of(plan, parse_case("blur/strong/3/9/grad/replicated"));
  EXPECT_DOUBLE_EQ(sum.least_time(machine, 4),
                   misfit::bench::least_all_reduce_time(machine, {4, 1}, 4e6));

  for (auto& rank : plan.ranks) rank.summed_bytes = 0;
  plan.ranks[2].message_bytes = 1000;
  const auto there_and_back =
      misfit::bench::exchange_of(plan, parse_case("blur/strong/3/9/grad/slabs"));
  const auto there = misfit::bench::exchange_of(plan, parse_case("blur/strong/3/9/fn/slabs"));
  const double agreed = misfit::bench::least_all_reduce_time(machine, {4, 1}, sizeof(double));
  EXPECT_DOUBLE_EQ(there_and_back.least_time(machine, 4), agreed + 2 * (1e-6 + 1e-6));
  EXPECT_DOUBLE_EQ(there.least_time(machine, 4), agreed + (1e-6 + 1e-6));
}

// 2 ranks exchange all once; 3 need two turns, and two thirds of the data out of each and back.
TEST(AllReduceBound, has_a_term_for_messages_and_one_for_bytes_at_each_level) {
  const misfit::MachineModel machine{
      .ranks_per_node = 3, .in_node = {1e-6, 1e9}, .between_nodes = {1e-5, 1e8}};
  const auto bound = [&](double bytes, int width, int nodes, int at_once = 1) {
    return misfit::bench::least_all_reduce_time(machine, {width, nodes}, bytes, at_once);
  };
  EXPECT_DOUBLE_EQ(bound(1e6, 2, 1), 1e-6 + 1e-3);
  EXPECT_DOUBLE_EQ(bound(3e6, 3, 1), 2e-6 + 4e-3);
  EXPECT_DOUBLE_EQ(bound(0, 1, 1024), 10e-5);
  EXPECT_DOUBLE_EQ(bound(3e6, 3, 2), 2e-6 + 4e-3 + 1e-5 + 3e-2);
  EXPECT_DOUBLE_EQ(bound(1e6, 1, 2, 3), 1e-5 + 3e-2);
}

TEST(MeasuredMachine, is_the_same_on_all_ranks) {
  if (world_size() == 1) GTEST_SKIP() << "a link has two ends";
  const auto machine = misfit::bench::measure_machine();
  std::array<double, 2> smallest{machine.in_node.latency, machine.in_node.bandwidth},
      largest = smallest;
  MPI_Allreduce(MPI_IN_PLACE, smallest.data(), 2, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, largest.data(), 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);

  EXPECT_EQ(machine.ranks_per_node, world_size());
  EXPECT_GT(machine.in_node.latency, 0);
  EXPECT_GT(machine.in_node.bandwidth, 0);
  EXPECT_EQ(smallest, largest);
  EXPECT_EQ(misfit::bench::count_nodes().count, 1);
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
  EXPECT_GT(calls.inside, 0);
  EXPECT_LE(calls.inside, MPI_Wtime() - before);
  EXPECT_LE(calls.first, between);
  misfit::bench::watch_mpi_calls();
  EXPECT_EQ(misfit::bench::mpi_calls().count, 0);
}

}  // namespace
