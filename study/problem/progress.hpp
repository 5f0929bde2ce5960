// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>

namespace misfit::study {

/// Tells on stderr how far a run is, less and less often, from every second on; on one
/// rank alone.
class Progress {
 public:
  Progress(bool speaks, int rounds) : speaks_(speaks), rounds_(rounds) {}

  /// What is done before the rounds.
  void say(const std::string& what);
  /// A round of `what` is done.
  void round(const std::string& what);

 private:
  using Clock = std::chrono::steady_clock;

  bool speaks_;
  int rounds_, done_ = 0;
  Clock::time_point start_ = Clock::now(), first_round_{}, spoken_ = start_;
};

}  // namespace misfit::study
