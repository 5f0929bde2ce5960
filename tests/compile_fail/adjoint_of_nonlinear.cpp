// SPDX-License-Identifier: BSD-3-Clause
// expect: this call needs linear operators
#include "common.hpp"

struct ForwardOnly {
  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 3; }
  void apply(const Exec&, const Vector<const double>&, const Vector<double>&) const;
};
void call(const Problem& p, const misfit::DistributedOperator<ForwardOnly>& operators) {
  operators.adjoint(p.exec, p.y, p.gradient);
}
