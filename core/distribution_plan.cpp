// SPDX-License-Identifier: BSD-3-Clause
#include "text_table.hpp"

#include <misfit/distribution_plan.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit {

std::string DistributionPlan::text() const {
  std::vector<std::vector<std::string>> lines{{"rank", "operators", "unknowns", "ghosts",
                                               "measured", "messages", "exchanged", "summed",
                                               "memory"}};
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    const RankPlan& plan = ranks[rank];
    lines.push_back({std::to_string(rank), std::to_string(plan.operators),
                     std::to_string(plan.unknowns), std::to_string(plan.ghosts),
                     std::to_string(plan.measured), std::to_string(plan.messages),
                     detail::size_text(plan.message_bytes), detail::size_text(plan.summed_bytes),
                     detail::size_text(plan.memory_bytes)});
  }
  return std::to_string(operators) + " operators on " + std::to_string(ranks.size()) + " ranks\n" +
         detail::table_text(lines);
}

}  // namespace misfit
