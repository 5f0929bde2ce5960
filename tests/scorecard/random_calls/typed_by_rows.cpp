// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/sequence.hpp"

namespace misfit::test::random_calls {

template <>
struct Make<SparseOf<double>> {
  static auto of(const Case& c, int i, std::size_t n) { return make_sparse<double>(c, i, n); }
};

namespace {

template <typename T, typename Op>
std::unique_ptr<Runner> sequence(const Problem& p) {
  return std::make_unique<Sequence<T, Op, Switch<T>, false>>(p);
}

}  // namespace

std::unique_ptr<Runner> typed_by_rows(const Problem& p) {
  if (p.of().type == Type::f) return sequence<float, Dense<Entries<float>>>(p);
  if (p.of().kind == Kind::dense) return sequence<double, Dense<Entries<double>>>(p);
  if (p.of().kind == Kind::sparse) return sequence<double, SparseOf<double>>(p);
  return sequence<double, Blur<double>>(p);
}

}  // namespace misfit::test::random_calls
