// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

std::unique_ptr<Runner> separable_complex(const Problem& p) {
  using CD = Kokkos::complex<double>;
  return std::make_unique<Sequence<CD, Watched<CD>, Switch<CD>, false>>(p);
}

}  // namespace misfit::test::random_calls
