// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"

#include <misfit/placement.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::MachineModel;
using misfit::Placement;
using misfit::PlacementPlan;
using misfit::ProblemSizes;
using misfit::Shape;
using misfit::test::expect_argument_error;
using Form = Placement::Form;

/// 8 blurs of an image of 1000 rows of 1000 entries in float, 10 ms each.
ProblemSizes blurs() {
  return {.costs = std::vector<double>(8, 0.01),
          .image = Shape{1000, 1000},
          .halo = {2, 2, true},
          .measured = 250000,
          .entry_bytes = 4};
}

/// 4 ranks a node.
MachineModel machine() {
  return {.ranks_per_node = 4, .in_node = {1e-6, 1e10}, .between_nodes = {2e-6, 1e9}};
}

const Placement& find(const PlacementPlan& plan, Form form, int members = 1) {
  return *std::find_if(plan.candidates().begin(), plan.candidates().end(),
                       [=](const Placement& p) { return p.form == form && p.members == members; });
}

TEST(PlacementPlan, has_every_way_that_the_ranks_allow) {
  const auto texts = [](int ranks) {
    std::vector<std::string> all;
    const auto plan = PlacementPlan::choose(blurs(), ranks, machine());
    for (const Placement& placement : plan.candidates()) all.push_back(placement.text());
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(texts(16),
            (std::vector<std::string>{"16 slabs", "2 members x 8 slabs", "4 members x 4 slabs",
                                      "8 members x 2 slabs", "replicated", "split"}));
  // Members of one slab would be replicated.
  EXPECT_EQ(texts(4),
            (std::vector<std::string>{"2 members x 2 slabs", "4 slabs", "replicated", "split"}));
}

// By hand: 16 ranks in 4 nodes of 4.
TEST(PlacementPlan, times_are_those_of_the_model) {
  const auto plan = PlacementPlan::choose(blurs(), 16, machine());
  const double n = 4e6, e = sizeof(double);
  const double agreed = 1e-6 + 3 * e / 1e10 + 2e-6 + 3 * e / 1e9;
  const double whole = 2 * 2 * 1e-6 + 1.5 * n / 1e10 + 2 * 2 * 2e-6 + 1.5 * n / 1e9;

  const Placement& replicated = find(plan, Form::replicated);
  EXPECT_DOUBLE_EQ(replicated.compute, 0.01);
  EXPECT_DOUBLE_EQ(replicated.exchange, agreed + whole);
  EXPECT_DOUBLE_EQ(find(plan, Form::split).compute, 0.005);
  EXPECT_DOUBLE_EQ(find(plan, Form::split).exchange, agreed + whole);

  const Placement& slabs = find(plan, Form::slabs);
  EXPECT_DOUBLE_EQ(slabs.compute, 0.08 * 63 / 1000);
  EXPECT_DOUBLE_EQ(slabs.exchange, agreed + 2 * (2e-6 + 4 * 4000 / 1e9));

  // 4 members of a node each: their 4 sums of a quarter share the links between nodes.
  const Placement& members = find(plan, Form::slabs, 4);
  EXPECT_DOUBLE_EQ(members.compute, 0.02 * 250 / 1000);
  EXPECT_DOUBLE_EQ(members.exchange,
                   agreed + 2 * (2e-6 + 16000 / 1e9) + 2 * 2 * 2e-6 + 1.5 * n / 1e9);
  EXPECT_EQ(plan.chosen().text(), "16 slabs");

  // In one node nothing goes through the links between nodes.
  const auto in_one_node = PlacementPlan::choose(blurs(), 4, machine());
  EXPECT_DOUBLE_EQ(find(in_one_node, Form::slabs).exchange,
                   1e-6 + 3 * e / 1e10 + 2 * (1e-6 + 4 * 4000 / 1e10));
}

// A gradient of 100 entries travels with the agreement.
TEST(PlacementPlan, ranks_agree_in_fours_inside_nodes_first) {
  ProblemSizes sizes = blurs();
  sizes.image = Shape{10, 10};
  const auto rounds_are = [&](int ranks, int ranks_per_node, int inside, int between) {
    MachineModel nodes = machine();
    nodes.ranks_per_node = ranks_per_node;
    EXPECT_DOUBLE_EQ(find(PlacementPlan::choose(sizes, ranks, nodes), Form::replicated).exchange,
                     inside * (1e-6 + 3 * 400 / 1e10) + between * (2e-6 + 3 * 400 / 1e9))
        << ranks;
  };
  rounds_are(2, 4, 1, 0);
  rounds_are(4, 4, 1, 0);
  rounds_are(4, 1, 0, 1);
  rounds_are(8, 8, 2, 0);
  rounds_are(8, 4, 1, 1);
  rounds_are(16, 8, 1, 1);
  rounds_are(32, 4, 1, 2);
}

TEST(PlacementPlan, memory_is_of_x_gradient_data_operators_and_ghosts) {
  ProblemSizes sizes = blurs();
  sizes.operator_bytes = 100;
  const auto plan = PlacementPlan::choose(sizes, 4, machine());
  const int received = 512 << 10;  // of the sums at a time
  EXPECT_EQ(find(plan, Form::replicated).memory, 2 * 4000000 + 3 * 1000000 + 200 + received);
  EXPECT_EQ(find(plan, Form::split).memory, 2 * 4000000 + 3 * 1000000 + 200 + received);
  EXPECT_EQ(find(plan, Form::slabs).memory,
            2 * 1000000 + 2 * 1016000 + 2 * 16000 + 9 * 250000 + 200);
  EXPECT_EQ(find(plan, Form::slabs, 2).memory,
            2 * 2000000 + 2 * 2016000 + 2 * 16000 + 5 * 500000 + 200 + received);

  sizes.work_bytes = 70;
  EXPECT_EQ(find(PlacementPlan::choose(sizes, 4, machine()), Form::replicated).memory,
            2 * 4000000 + 2 * 1000000 + 70 + 200 + received);
}

// Of images so small that all of what is summed is received at once.
TEST(PlacementPlan, members_receive_what_they_sum) {
  ProblemSizes sizes = blurs();
  sizes.image = Shape{100, 100};
  const auto plan = PlacementPlan::choose(sizes, 4, machine());
  const auto received = [](int bytes) { return 2 * bytes; };
  EXPECT_EQ(find(plan, Form::replicated).memory, 2 * 40000 + 3 * 1000000 + received(40000));
  EXPECT_EQ(find(plan, Form::slabs, 2).memory,
            2 * 20000 + 2 * 21600 + 2 * 1600 + 5 * 500000 + received(20000));
}

TEST(PlacementPlan, one_slab_has_ghost_rows_where_the_image_is_circular) {
  ProblemSizes sizes = blurs();
  const auto circular = PlacementPlan::choose(sizes, 1, machine());
  EXPECT_EQ(find(circular, Form::slabs).memory, 2 * 4000000 + 2 * 4016000 + 9 * 1000000);
  EXPECT_EQ(find(circular, Form::slabs).exchange, 0);
  sizes.halo.circular = false;
  const auto open = PlacementPlan::choose(sizes, 1, machine());
  EXPECT_EQ(find(open, Form::slabs).memory, 2 * 4000000 + 9 * 1000000);
}

// As operators say that read all of x.
TEST(PlacementPlan, there_are_no_more_ghost_rows_than_rows_of_other_slabs) {
  ProblemSizes sizes = blurs();
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  sizes.halo = {all, all, false};
  const auto plan = PlacementPlan::choose(sizes, 4, machine());
  EXPECT_EQ(find(plan, Form::slabs).memory, 2 * 1000000 + 2 * 4000000 + 2 * 3000000 + 9 * 250000);
  sizes.halo = {3, 0, false};
  const auto narrow = PlacementPlan::choose(sizes, 4, machine());
  EXPECT_EQ(find(narrow, Form::slabs).memory, 2 * 1000000 + 2 * 1012000 + 2 * 12000 + 9 * 250000);
}

TEST(PlacementPlan, more_bytes_than_can_be_counted_do_not_fit) {
  ProblemSizes sizes = blurs();
  sizes.image = Shape{std::size_t{1} << 62U};
  sizes.halo = {};
  MachineModel of_16_gib = machine();
  of_16_gib.memory = 16.0 * (1 << 30);
  expect_argument_error("and has 16.0 GiB", [&] { PlacementPlan::choose(sizes, 16, of_16_gib); });
}

TEST(PlacementPlan, leaves_out_what_operators_cannot) {
  ProblemSizes sizes = blurs();
  sizes.splittable = sizes.cuttable = false;
  EXPECT_EQ(PlacementPlan::choose(sizes, 16, machine()).candidates().size(), 1U);
}

TEST(PlacementPlan, takes_what_fits) {
  MachineModel small = machine();
  small.memory = 7e6;
  const auto plan = PlacementPlan::choose(blurs(), 4, small);
  EXPECT_EQ(plan.chosen().text(), "4 slabs");
  EXPECT_FALSE(plan.candidates().back().fits);
  EXPECT_NE(plan.text().find("does not fit"), std::string::npos);
  EXPECT_NE(plan.text().find("chosen"), std::string::npos);

  // The sum of a small gradient costs less than ghost rows, but each rank has much of the data.
  ProblemSizes sizes = blurs();
  sizes.image = Shape{16, 10};
  EXPECT_EQ(PlacementPlan::choose(sizes, 16, machine()).chosen().text(), "split");
  small.memory = 8e5;
  EXPECT_EQ(PlacementPlan::choose(sizes, 16, small).chosen().text(), "16 slabs");

  small.memory = 1e6;
  expect_argument_error(
      "PlacementPlan: a rank would need at least 6.0 MiB of memory, and has 976.6 KiB",
      [&] { PlacementPlan::choose(blurs(), 4, small); });
}

TEST(PlacementPlan, refuses_what_makes_no_sense) {
  const auto refused = [](auto&& spoil, const std::string& why) {
    ProblemSizes sizes = blurs();
    MachineModel model = machine();
    int ranks = 4;
    spoil(sizes, model, ranks);
    expect_argument_error("PlacementPlan: " + why,
                          [&] { PlacementPlan::choose(sizes, ranks, model); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([](auto&, auto&, int& p) { p = 0; }, "ranks: at least 1");
  refused([](auto&, auto& m, int&) { m.ranks_per_node = 0; }, "ranks_per_node: at least 1");
  refused([](auto&, auto& m, int&) { m.in_node.latency = -1; }, "a latency: 0 or more seconds");
  refused([=](auto&, auto& m, int&) { m.between_nodes.bandwidth = nan; },
          "a bandwidth: more than 0 bytes a second");
  refused([](auto&, auto& m, int&) { m.memory = 0; }, "memory: more than 0 bytes");
  refused([](auto& s, auto&, int&) { s.costs.clear(); },
          "costs: one for each operator, and at least one operator");
  refused([=](auto& s, auto&, int&) { s.costs[3] = nan; }, "costs: 0 or more seconds");
  refused([](auto& s, auto&, int&) { s.dimension = 2; }, "dimension: there is none of this number");
  refused([](auto& s, auto&, int&) { s.entry_bytes = 0; }, "entry_bytes: at least 1");
}

}  // namespace
