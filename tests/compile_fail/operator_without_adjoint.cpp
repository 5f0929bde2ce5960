// SPDX-License-Identifier: BSD-3-Clause
// expect: these operators have no adjoint
#include "common.hpp"

struct ForwardOnly {
  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 3; }
  void apply(const Exec&, const Vector<const double>&, const Vector<double>&) const;
};
void call(const Problem& p, const misfit::DistributedOperator<ForwardOnly>& operators) {
  p.fidelity.grad(p.exec, p.x, p.y, operators, p.gradient);
}
