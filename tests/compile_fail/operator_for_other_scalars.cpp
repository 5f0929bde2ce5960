// SPDX-License-Identifier: BSD-3-Clause
// expect: do not take signals of this scalar type
#include "common.hpp"

double call(const Problem& p, const Vector<float>& x, const std::vector<Vector<float>>& y) {
  return p.fidelity.fn(p.exec, x, y, p.operators);
}
