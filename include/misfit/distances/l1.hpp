// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>

#include <concepts>
#include <cstddef>

namespace misfit {

/// d(u, y) = Σ |u − y|: the negative log-likelihood of Laplace noise, up to a constant and a
/// factor.
///
/// For L1{}, u = (1, 3) and y = (2, 1): d = 3, ∇d = (−1, 1), prox_d(u) = (2, 2).
class L1 {
 public:
  /// |u − y|.
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    return detail::abs(detail::residual(u, y));
  }

  /// (u − y) / |u − y|, and 0 where u = y, an element of the subdifferential.
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    const auto difference = detail::residual(u, y);
    const double size = detail::abs(difference);
    return size == 0 ? T(0) : static_cast<T>(difference / size);
  }

  /// y + soft(v − y, γ).
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double gamma, T v, T y) const {
    const auto difference = detail::residual(v, y);
    const double size = detail::abs(difference);
    return size <= gamma ? y : detail::moved(gamma, v, y, difference, size);
  }

  /// 0, also where u = y. For real data: in the complex plane it depends on the direction.
  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T, T) const {
    return 0.0;
  }
};

}  // namespace misfit
