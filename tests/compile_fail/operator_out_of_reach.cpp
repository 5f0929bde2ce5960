// SPDX-License-Identifier: BSD-3-Clause
// expect: kernels of exec cannot reach the memory of these operators
#include "common.hpp"

double call(const Problem& p,
            const misfit::DistributedOperator<misfit::Mask<Kokkos::View<double*, FarSpace>>>& far) {
  return p.fidelity.fn(p.exec, p.x, p.y, far);
}
