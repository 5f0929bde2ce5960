// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

std::unique_ptr<Runner> with_l2(const Problem& p) {
  using CD = Kokkos::complex<double>;
  if (p.of().type == Type::cd) return std::make_unique<Sequence<CD, FourierOf<CD>, L2, false>>(p);
  if (p.of().kind == Kind::mask)
    return std::make_unique<Sequence<double, Mask<Kokkos::View<double*>>, L2, false>>(p);
  return std::make_unique<Sequence<double, FourierBlur<double>, L2, false>>(p);
}

std::unique_ptr<Runner> members(const Problem& p) {
  return std::make_unique<Sequence<double, Shared<double>, Switch<double>, false>>(p);
}

}  // namespace misfit::test::random_calls
