// SPDX-License-Identifier: BSD-3-Clause
// expect: whose entries are const
#include "common.hpp"

void call(const Problem& p) {
  const Vector<const double> gradient = p.gradient;
  p.fidelity.grad(p.exec, p.x, p.y, p.operators, gradient);
}
