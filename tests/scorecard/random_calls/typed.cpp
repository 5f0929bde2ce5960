// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

namespace {

template <typename T, typename Op>
std::unique_ptr<Runner> sequence(const Problem& p) {
  return std::make_unique<Sequence<T, Op, Switch<T>, false>>(p);
}

}  // namespace

std::unique_ptr<Runner> typed(const Problem& p) {
  using CD = Kokkos::complex<double>;
  if (p.of().type == Type::cd)
    return p.of().kind == Kind::mask ? sequence<CD, Mask<Kokkos::View<CD*>>>(p)
                                     : sequence<CD, FourierOf<CD>>(p);
  if (p.of().kind == Kind::mask) return sequence<double, Mask<Kokkos::View<double*>>>(p);
  return sequence<double, FourierBlur<double>>(p);
}

}  // namespace misfit::test::random_calls
