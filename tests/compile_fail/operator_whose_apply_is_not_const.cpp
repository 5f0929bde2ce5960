// SPDX-License-Identifier: BSD-3-Clause
// expect: const function
#include "common.hpp"

struct Changing {
  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 3; }
  void apply(const Exec&, const Vector<const double>&, const Vector<double>&);
};
auto call() {
  return misfit::DistributedOperator(MPI_COMM_WORLD, 2, [](int) { return Changing{}; });
}
