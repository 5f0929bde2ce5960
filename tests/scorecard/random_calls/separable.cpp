// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

using CD = Kokkos::complex<double>;

std::unique_ptr<Runner> separable(const Problem& p) {
  if (p.of().type == Type::cd)
    return std::make_unique<Sequence<CD, Watched<CD>, Switch<CD>, false>>(p);
  return std::make_unique<Sequence<double, Watched<double>, Switch<double>, false>>(p);
}

}  // namespace misfit::test::random_calls
