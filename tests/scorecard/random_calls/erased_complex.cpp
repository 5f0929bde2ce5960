// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

using CF = Kokkos::complex<float>;
using CD = Kokkos::complex<double>;

std::unique_ptr<Runner> erased_complex(const Problem& p) {
  if (p.of().type == Type::cd)
    return std::make_unique<Sequence<CD, Watched<CD>, WatchedDistance<CD>, false>>(p);
  return std::make_unique<Sequence<CF, Watched<CF>, WatchedDistance<CF>, true>>(p);
}

}  // namespace misfit::test::random_calls
