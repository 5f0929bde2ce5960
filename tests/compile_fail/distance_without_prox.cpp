// SPDX-License-Identifier: BSD-3-Clause
// expect: this distance has no prox
#include "common.hpp"

#include <misfit/distances/amplitude.hpp>

void call(const Problem& p, const misfit::DistributedDataFidelity<misfit::Amplitude>& fidelity) {
  fidelity.prox(p.exec, 0.5, p.x, p.y, p.operators, p.gradient);
}
