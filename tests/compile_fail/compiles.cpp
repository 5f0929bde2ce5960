// SPDX-License-Identifier: BSD-3-Clause
#include "common.hpp"

// No mistake: what the others fail for is not something else. Layouts of all kinds are taken.
double call(const Problem& p) {
  const Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace> left("left", 2, 3);
  const Kokkos::View<double**, Kokkos::LayoutStride, Kokkos::HostSpace> strided(left);
  const std::vector<Kokkos::View<const double**, Kokkos::LayoutLeft, Kokkos::HostSpace>> data{left};
  p.fidelity.fn_and_grad(p.exec, left, data, p.operators, strided);
  p.operators.forward(p.exec, p.x, p.y, misfit::Scope::local);
  p.operators.adjoint(p.exec, p.y, p.gradient);
  p.operators.vjp(p.exec, p.x, p.y, p.gradient);
  p.operators.normal(p.exec, p.x, p.gradient);
  return p.fidelity.fn(p.exec, p.x, p.y, p.operators);
}
