// SPDX-License-Identifier: BSD-3-Clause
// expect: at() of a temporary DistributedDataFidelity
#include "common.hpp"

void call(const Problem& p) {
  misfit::DistributedDataFidelity(misfit::L2{}).at(p.exec, p.x, p.y, p.operators);
}
