// SPDX-License-Identifier: BSD-3-Clause

// Which way of placing operators and x on ranks a model takes for the fastest, before anything is
// built: the problem of slabs.cpp, larger, on 64 ranks.

#include <misfit/placement.hpp>

#include <cstdio>
#include <vector>

int main() {
  // What measured_costs() says of the operators on one rank.
  const misfit::ProblemSizes frames{.costs = std::vector<double>(8, 2e-3),
                                    .image = misfit::Shape{3, 2048, 2048},
                                    .dimension = 1,
                                    .halo = {2, 2},
                                    .measured = 3 * 1024 * 1024,
                                    .entry_bytes = sizeof(float)};
  const misfit::MachineModel machine{.ranks_per_node = 4,
                                     .in_node = {.latency = 2e-6, .bandwidth = 48e9},
                                     .between_nodes = {.latency = 4e-6, .bandwidth = 9e9},
                                     .memory = 32e9};
  const auto plan = misfit::PlacementPlan::choose(frames, 64, machine);
  std::printf("%s", plan.text().c_str());
}
