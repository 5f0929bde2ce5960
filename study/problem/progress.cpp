// SPDX-License-Identifier: BSD-3-Clause
#include "problem/progress.hpp"

#include <algorithm>
#include <cstdio>

namespace misfit::study {
namespace {

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

void Progress::say(const std::string& what) {
  if (speaks_)
    std::fprintf(stderr, "[after %.0f s] %s\n", seconds(Clock::now() - start_), what.c_str());
}

void Progress::round(const std::string& what) {
  const auto now = Clock::now();
  if (done_++ == 0) first_round_ = now;
  const double pause = std::max(1.0, 0.1 * seconds(now - start_));
  if (!speaks_ || done_ < 2 || seconds(now - spoken_) < pause) return;
  spoken_ = now;
  const double left = seconds(now - first_round_) / (done_ - 1) * (rounds_ - done_);
  std::fprintf(stderr, "[round %d of %d, after %.0f s, about %.0f s left] %s\n", done_, rounds_,
               seconds(now - start_), left, what.c_str());
}

}  // namespace misfit::study
