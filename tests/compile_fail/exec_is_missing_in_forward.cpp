// SPDX-License-Identifier: BSD-3-Clause
// expect: every call begins with the instance of an execution space
#include "common.hpp"

void call(const Problem& p) { p.operators.forward(p.x, p.y); }
