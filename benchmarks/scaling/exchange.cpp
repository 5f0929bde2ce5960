// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/exchange.hpp"

#include <algorithm>

namespace misfit::bench {

// The ranks agree in every call, at the least in the messages of one number's sum.
double Exchange::least_time(const Link& link, int ranks) const {
  const double agreed = least_all_reduce_time(link, sizeof(double), ranks);
  const double sum = summands > 1 ? least_all_reduce_time(link, summed, summands) : 0;
  return std::max(sum, agreed) + turns * link.latency + sent / link.bandwidth;
}

Exchange exchange_of(const DistributionPlan& plan, const ScalingCase& c) {
  Exchange all;
  if (c.series == Series::throughput) return all;
  const auto ranks = static_cast<int>(plan.ranks.size());
  all.summands = c.form == Form::members ? ranks / c.ranks_per_member : c.in_slabs() ? 1 : ranks;
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
