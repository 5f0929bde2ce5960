// SPDX-License-Identifier: BSD-3-Clause
// expect: AnyOperator needs an operator that can be copied
#include "common.hpp"

struct MoveOnly : Twice {
  MoveOnly() = default;
  MoveOnly(MoveOnly&&) = default;
};
auto call() { return misfit::AnyOperator<double, Exec>(MoveOnly{}); }
