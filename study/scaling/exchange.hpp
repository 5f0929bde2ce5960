// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scaling/machine.hpp"
#include "scaling/scaling_case.hpp"

#include <misfit/distribution_plan.hpp>

namespace misfit::bench {

/// What ranks exchange in one call of a case.
struct Exchange {
  double summed = 0;  ///< bytes of each of the vectors, or numbers, that are summed
  int summands = 1;   ///< ranks over which each of them is
  int at_once = 1;    ///< sums of different ranks: pieces of one gradient
  double sent = 0;    ///< bytes of the rank that sends the most to its neighbours
  int turns = 0;      ///< in which it does

  /// Bytes that a rank adds to others.
  double added() const { return (summands - 1.0) / summands * summed; }
  /// The least time for it on `ranks` ranks.
  double least_time(const MachineModel& machine, int ranks) const;
};

/// By the plan of the operators.
Exchange exchange_of(const DistributionPlan& plan, const ScalingCase& c);

}  // namespace misfit::bench
