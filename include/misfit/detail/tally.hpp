// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/kokkos.hpp>

namespace misfit::detail {

/// What one pass over a measurement counts: the distance, and the entries outside its domain.
struct Tally {
  double value = 0;
  double outside = 0;

  KOKKOS_FUNCTION void operator+=(const Tally& other) {
    value += other.value;
    outside += other.outside;
  }
#if KOKKOS_VERSION < 40000
  KOKKOS_FUNCTION void operator+=(const volatile Tally& other) volatile {
    value = value + other.value;
    outside = outside + other.outside;
  }
#endif
};

}  // namespace misfit::detail
