// SPDX-License-Identifier: BSD-3-Clause
// expect: a factory of distances comes with the operators
#include "common.hpp"

auto call() {
  return misfit::DistributedDataFidelity([](int) { return misfit::L2{}; });
}
