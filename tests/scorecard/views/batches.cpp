// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/views/views.hpp"

namespace misfit::test {

void check_batches(Check& check) {
  using Plain = Kokkos::View<double**, Kokkos::LayoutRight>;
  using Unmanaged = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
  using Left = Kokkos::View<double**, Kokkos::LayoutLeft>;
  using Strided = Kokkos::View<double**, Kokkos::LayoutStride>;
  check_each<Plain, Left>(check, "a batch in LayoutLeft");
  check_each<Plain, Strided>(check, "a batch in LayoutStride");
  check_each<Plain, Kokkos::View<const double**, Kokkos::LayoutLeft>>(check,
                                                                      "a const batch, LayoutLeft");
  check_each<Plain, Kokkos::View<double**, Kokkos::LayoutRight, Kokkos::HostSpace, Unmanaged>>(
      check, "an unmanaged batch");
  check_together<Plain, Left>(check, "batches in LayoutLeft");
  check_together<Plain, Strided>(check, "batches in LayoutStride");
}

}  // namespace misfit::test
