// SPDX-License-Identifier: BSD-3-Clause
// expect: kernels of exec cannot reach the memory of this distance
#include "common.hpp"

using Far = misfit::Weighted<misfit::Poisson<Kokkos::View<double*, FarSpace>>>;
double call(const Problem& p, const misfit::DistributedDataFidelity<Far>& fidelity) {
  return fidelity.fn(p.exec, p.x, p.y, p.operators);
}
