// SPDX-License-Identifier: BSD-3-Clause
// expect: this distance has no gradient
#include "common.hpp"

#include <misfit/distances/indicator_l2.hpp>

void call(const Problem& p, const misfit::DistributedDataFidelity<misfit::IndicatorL2>& fidelity) {
  fidelity.grad(p.exec, p.x, p.y, p.operators, p.gradient);
}
