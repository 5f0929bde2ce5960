// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/views/views.hpp"

namespace misfit::test {

void check_vectors(Check& check) {
  using Plain = Kokkos::View<double*>;
  using Unmanaged = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
  using Left = Kokkos::View<double*, Kokkos::LayoutLeft>;
  using Strided = Kokkos::View<double*, Kokkos::LayoutStride>;
  check_each<Plain, Left>(check, "in LayoutLeft");
  check_each<Plain, Strided>(check, "in LayoutStride");
  check_each<Plain, Kokkos::View<const double*>>(check, "const");
  check_each<Plain, Kokkos::View<const double*, Kokkos::LayoutStride>>(check,
                                                                       "const, in LayoutStride");
  check_each<Plain, Kokkos::View<double*, Kokkos::HostSpace, Unmanaged>>(check, "unmanaged");
  check_together<Plain, Strided>(check, "in LayoutStride");
}

}  // namespace misfit::test
