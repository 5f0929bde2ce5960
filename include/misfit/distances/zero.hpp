// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>

#include <cstddef>

namespace misfit {

/// d(u, y) = 0. Quadratic.
///
/// For Zero{}, u = (1, 3) and y = (2, 1): d = 0, ∇d = (0, 0), prox_d(u) = (1, 3).
class Zero {
 public:
  /// For DistributedDataFidelity::prox().
  static constexpr bool is_quadratic = true;

  // Multiplied by u, so that a u that is not finite shows.
  /// 0; NaN where u is not finite.
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T) const {
    return detail::zero_or_nan(u);
  }

  /// 0; NaN where u is not finite.
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T) const {
    return static_cast<detail::Real<T>>(0) * u;
  }

  /// v.
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double, T v, T) const {
    return v;
  }

  /// 0.
  template <typename T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T, T) const {
    return 0.0;
  }
};

}  // namespace misfit
