// SPDX-License-Identifier: BSD-3-Clause
// expect: an AnyOperator is copied with the operator in it, which cannot be
#include "common.hpp"

struct MoveOnly : Twice {
  MoveOnly() = default;
  MoveOnly(MoveOnly&&) = default;
};
auto call() { return misfit::AnyOperator<double, Exec>(MoveOnly{}); }
