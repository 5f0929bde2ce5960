// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/distribution_plan.hpp>

#include <cstddef>

namespace misfit::detail {

/// What the plan of a rank is counted from.
struct RankSizes {
  std::size_t operators = 0, unknowns = 0, measured = 0;
  std::size_t kept = 0;                 ///< of operators that are not linear, by a Linearization
  std::size_t largest_measurement = 0;  ///< of this rank's
  std::size_t entry = 0;                ///< bytes
  int summed_over = 1;                  ///< ranks, or members, that sum gradients
  const SlabDomain* slabs = nullptr;    ///< null where x is in none
  int place = 0;                        ///< the rank among those that share x
};

RankPlan plan_of_rank(const RankSizes& sizes);

/// The plans of all ranks, for `operators` operators of all. Collective; blocks.
DistributionPlan gathered_plan(const CollectiveCalls& calls, int operators, const RankSizes& sizes);

}  // namespace misfit::detail
