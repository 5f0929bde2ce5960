// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/exchange.hpp"

#include <algorithm>

namespace misfit::bench {

// The ranks agree in every call, at the least in the messages of one number's sum.
double Exchange::least_time(const MachineModel& machine, int ranks) const {
  const Summands all = summands_of(ranks, machine.ranks_per_node);
  const double agreed = least_all_reduce_time(machine, all, sizeof(double));
  const int near = std::max(1, machine.ranks_per_node / at_once);  // of the summands, in a node
  const double sum = least_all_reduce_time(machine, summands_of(summands, near), summed,
                                           std::min(at_once, machine.ranks_per_node));
  const Link& to_neighbour = all.nodes > 1 ? machine.between_nodes : machine.in_node;
  return std::max(sum, agreed) + turns * to_neighbour.latency + sent / to_neighbour.bandwidth;
}

Exchange exchange_of(const DistributionPlan& plan, const ScalingCase& c) {
  Exchange all;
  if (c.series == Series::throughput) return all;
  const auto ranks = static_cast<int>(plan.ranks.size());
  all.at_once = c.form == Form::members ? c.ranks_per_member : c.in_slabs() ? ranks : 1;
  all.summands = ranks / all.at_once;
  for (const RankPlan& rank : plan.ranks) {
    all.summed = std::max(all.summed, static_cast<double>(rank.summed_bytes));
    all.sent = std::max(all.sent, static_cast<double>(rank.message_bytes));
  }
  if (c.call == Call::fn) all.summed = sizeof(double);
  // Rows of x before the work; the gradient of these, if there is one, after it.
  if (all.sent > 0) all.turns = c.call == Call::fn ? 1 : 2;
  all.sent *= all.turns;
  return all;
}

}  // namespace misfit::bench
