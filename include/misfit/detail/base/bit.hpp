// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>

namespace misfit::detail {

/// 0 or 1, a factor for numbers of any type.
struct Bit {
  template <typename T>
  friend KOKKOS_FORCEINLINE_FUNCTION T operator*(const Bit& bit, const T& x) {
    return static_cast<Real<T>>(bit.value) * x;
  }

  int value;  ///< from which conversions to float are cheap in vectors
};

KOKKOS_FORCEINLINE_FUNCTION double squared_abs(const Bit& bit) {
  return static_cast<double>(bit.value);
}

}  // namespace misfit::detail
