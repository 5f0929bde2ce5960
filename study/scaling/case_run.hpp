// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scaling/machine.hpp"
#include "scaling/samples.hpp"
#include "scaling/scaling_case.hpp"

#include <map>
#include <string>

namespace misfit::bench {

/// What all cases of a program are run with.
struct Settings {
  int ranks = 1;
  int rounds = 21;
  std::map<std::string, double> rates{};  ///< in a simulation: work a second, of FAMILY/CALL
  double sum_rate = 0;                    ///< bytes a second; at no cost if 0
  MachineModel machine{};                 ///< by which bounds and predictions are computed

  /// Throws std::invalid_argument if there is none.
  double rate(const ScalingCase& c) const;
};

/// The rounds of one case, and what was seen in them. All calls are collective.
class CaseRun {
 public:
  /// Runs the call once, uncounted: it agrees on shapes, and allocates what it keeps.
  CaseRun(const Settings& settings, const ScalingCase& c, const ScalingProblem& problem);

  /// Runs the call; returns the seconds of the slowest rank.
  double round();
  /// By name: medians over the rounds with their intervals, the parts of the time, bounds, memory.
  std::map<std::string, double> figures() const;

 private:
  using Figures = std::map<std::string, double>;

  void add_times(Figures& figures) const;
  void add_work(Figures& figures) const;
  void add_plan(Figures& figures) const;
  void add_prediction(Figures& figures) const;

  const Settings& settings_;
  const ScalingCase& case_;
  const ScalingProblem& problem_;
  Exec exec_;
  Charges charges_;
  double held_ = 0;
  Samples samples_;
};

}  // namespace misfit::bench
