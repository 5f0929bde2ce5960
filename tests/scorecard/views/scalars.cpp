// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/views/views.hpp"

namespace misfit::test {

namespace {

template <typename T>
void check_scalar(Check& check, const std::string& type) {
  check_together<Kokkos::View<T*>, Kokkos::View<T*, Kokkos::LayoutStride>>(
      check, type + ", in LayoutStride");
  check_together<Kokkos::View<T**, Kokkos::LayoutRight>, Kokkos::View<T**, Kokkos::LayoutLeft>>(
      check, type + ", batches in LayoutLeft");
}

}  // namespace

void check_scalars(Check& check) {
  check_scalar<float>(check, "float");
  check_scalar<Kokkos::complex<double>>(check, "complex<double>");
}

}  // namespace misfit::test
