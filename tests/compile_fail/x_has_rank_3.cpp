// SPDX-License-Identifier: BSD-3-Clause
// expect: misfit::flatten
#include "common.hpp"

double call(const Problem& p) {
  const Kokkos::View<double***, Kokkos::HostSpace> image("image", 1, 1, 3);
  return p.fidelity.fn(p.exec, image, p.y, p.operators);
}
