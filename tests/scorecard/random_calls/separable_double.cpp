// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

std::unique_ptr<Runner> separable_double(const Problem& p) {
  return std::make_unique<Sequence<double, Watched<double>, Switch<double>, false>>(p);
}

}  // namespace misfit::test::random_calls
