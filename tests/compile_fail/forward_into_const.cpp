// SPDX-License-Identifier: BSD-3-Clause
// expect: whose entries are const
#include "common.hpp"

void call(const Problem& p, const std::vector<Vector<const double>>& y) {
  p.operators.forward(p.exec, p.x, y, misfit::Scope::local);
}
