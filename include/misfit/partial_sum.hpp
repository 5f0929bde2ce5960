// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

namespace misfit {

/// What a pass leaves of a sum over some entries: their `value`, and how many of them lie `outside`
/// of where the distance has a gradient.
struct PartialSum {
  /// What they add to the distance.
  double value = 0;
  /// How many lie outside; a double, so that one reduction sums both.
  double outside = 0;

  /// Adds both, as sums in kernels do.
  KOKKOS_FORCEINLINE_FUNCTION void operator+=(const PartialSum& other) {
    value += other.value;
    outside += other.outside;
  }
#if KOKKOS_VERSION < 40000
  /// The same for the reductions of Kokkos 3.
  KOKKOS_FORCEINLINE_FUNCTION void operator+=(const volatile PartialSum& other) volatile {
    value = value + other.value;
    outside = outside + other.outside;
  }
#endif
};

}  // namespace misfit

/// \cond
template <>
struct Kokkos::reduction_identity<misfit::PartialSum> {
  KOKKOS_FORCEINLINE_FUNCTION static misfit::PartialSum sum() { return {}; }
};
/// \endcond
