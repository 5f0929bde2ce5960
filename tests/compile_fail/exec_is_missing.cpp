// SPDX-License-Identifier: BSD-3-Clause
// expect: every call begins with the instance of an execution space
#include "common.hpp"

double call(const Problem& p) { return p.fidelity.fn(p.x, p.y, p.operators); }
