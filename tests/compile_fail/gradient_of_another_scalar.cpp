// SPDX-License-Identifier: BSD-3-Clause
// expect: another scalar type than x
#include "common.hpp"

void call(const Problem& p, const Vector<float>& gradient) {
  p.fidelity.fn_and_grad(p.exec, p.x, p.y, p.operators, gradient);
}
