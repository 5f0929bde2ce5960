// SPDX-License-Identifier: BSD-3-Clause
// expect: signals are of float, double, Kokkos::complex<float> or Kokkos::complex<double>
#include "common.hpp"

double call(const Problem& p) {
  const Vector<int> x("x", 3);
  return p.fidelity.fn(p.exec, x, p.y, p.operators);
}
