// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

std::unique_ptr<Runner> erased_others(const Problem& p) {
  using CF = Kokkos::complex<float>;
  using CD = Kokkos::complex<double>;
  if (p.of().type == Type::f)
    return std::make_unique<Sequence<float, Watched<float>, WatchedDistance<float>, false>>(p);
  if (p.of().type == Type::cd)
    return std::make_unique<Sequence<CD, Watched<CD>, WatchedDistance<CD>, false>>(p);
  return std::make_unique<Sequence<CF, Watched<CF>, WatchedDistance<CF>, true>>(p);
}

}  // namespace misfit::test::random_calls
