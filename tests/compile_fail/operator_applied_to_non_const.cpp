// SPDX-License-Identifier: BSD-3-Clause
// expect: takes an x of const entries
#include "common.hpp"

struct NonConst {
  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 3; }
  void apply(const Exec&, const Vector<double>&, const Vector<double>&) const;
};
auto call() {
  return misfit::DistributedOperator(MPI_COMM_WORLD, 2, [](int) { return NonConst{}; });
}
