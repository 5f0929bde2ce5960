// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

std::unique_ptr<Runner> erased_double(const Problem& p) {
  return std::make_unique<Sequence<double, Watched<double>, WatchedDistance<double>, true>>(p);
}

}  // namespace misfit::test::random_calls
