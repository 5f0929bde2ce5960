// SPDX-License-Identifier: BSD-3-Clause
// expect: it needs domain_size() and range_size()
#include "common.hpp"

struct Sizeless {
  void apply(const Exec&, const Vector<const double>&, const Vector<double>&) const;
};
auto call() {
  return misfit::DistributedOperator(MPI_COMM_WORLD, 2, [](int) { return Sizeless{}; });
}
