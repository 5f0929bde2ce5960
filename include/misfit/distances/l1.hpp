// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/scalar.hpp>

#include <cstddef>

namespace misfit {

/// d(u, y) = Σ |u − y|: the negative log-likelihood of Laplace noise, up to a constant and a factor.
class L1 {
 public:
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    return detail::abs(u - y);
  }

  /// (u − y) / |u − y|, and 0 where u = y, an element of the subdifferential.
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    const double size = detail::abs(u - y);
    return size == 0 ? T(0) : static_cast<detail::Real<T>>(1 / size) * (u - y);
  }

  /// y + soft(v − y, γ).
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double gamma, T v, T y) const {
    const double size = detail::abs(v - y);
    return size <= gamma ? y : y + static_cast<detail::Real<T>>(1 - gamma / size) * (v - y);
  }
};

}  // namespace misfit
