// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the distances of the residual u − y share: in double, whatever the data.

#include <misfit/detail/scalar.hpp>

#include <Kokkos_Complex.hpp>

#include <type_traits>

namespace misfit::detail {

/// double for real T, complex<double> for complex T.
template <typename T>
using Wide = std::conditional_t<is_complex<T>, Kokkos::complex<double>, double>;

/// u − y.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION Wide<T> residual(const T& u, const T& y) {
  return static_cast<Wide<T>>(u) - static_cast<Wide<T>>(y);
}

/// The minimiser p of weight |p − y|² / 2 + |p − v|² / 2.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T weighted_mean(double weight, const T& v, const T& y) {
  const double share = 1.0 / (1.0 + weight);
  return static_cast<T>(share * static_cast<Wide<T>>(v) +
                        (weight * share) * static_cast<Wide<T>>(y));
}

}  // namespace misfit::detail
