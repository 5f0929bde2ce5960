// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/evaluation/least_time.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

namespace misfit::detail {

double least_time(const std::function<void()>& run) {
  using Clock = std::chrono::steady_clock;
  constexpr double enough = 0.02;  // [s]
  double least = std::numeric_limits<double>::infinity(), all = 0;
  for (int runs = 0; runs < 2 || all < enough; ++runs) {
    const auto start = Clock::now();
    run();
    const double time = std::chrono::duration<double>(Clock::now() - start).count();
    least = std::min(least, time);
    all += time;
  }
  return least;
}

}  // namespace misfit::detail
