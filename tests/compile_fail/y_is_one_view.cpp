// SPDX-License-Identifier: BSD-3-Clause
// expect: measurements are a list of Kokkos::Views, one for each operator
#include "common.hpp"

double call(const Problem& p) { return p.fidelity.fn(p.exec, p.x, p.x, p.operators); }
