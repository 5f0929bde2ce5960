// SPDX-License-Identifier: BSD-3-Clause
// expect: not a Kokkos::View
#include "common.hpp"

double call(const Problem& p) {
  const std::vector<double> x(3);
  return p.fidelity.fn(p.exec, x, p.y, p.operators);
}
