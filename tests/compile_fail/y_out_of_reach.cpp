// SPDX-License-Identifier: BSD-3-Clause
// expect: kernels of exec cannot reach the memory of this View
#include "common.hpp"

double call(const Problem& p, const std::vector<Kokkos::View<double*, FarSpace>>& y) {
  return p.fidelity.fn(p.exec, p.x, y, p.operators);
}
