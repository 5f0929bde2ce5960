// SPDX-License-Identifier: BSD-3-Clause
// expect: differ in precision, float and double
#include "common.hpp"

double call(const Problem& p, const Vector<float>& x,
            const misfit::DistributedOperator<misfit::Mask<Vector<double>>>& masks) {
  return p.fidelity.fn(p.exec, x, p.y, masks);
}
