// SPDX-License-Identifier: BSD-3-Clause
// expect: kernels of exec cannot reach the memory of this View
#include "common.hpp"

double call(const Problem& p, const Kokkos::View<double*, FarSpace>& x) {
  return p.fidelity.fn(p.exec, x, p.y, p.operators);
}
