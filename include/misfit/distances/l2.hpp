// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/parameter.hpp>
#include <misfit/detail/scalar.hpp>

#include <cstddef>

namespace misfit {

/// d(u, y) = Σ |u − y|² / (2σ²): the negative log-likelihood of Gaussian noise of deviation σ, up to
/// a constant. Quadratic.
class L2 {
 public:
  static constexpr bool is_quadratic = true;

  /// Throws ArgumentError unless `sigma` > 0 and finite.
  explicit L2(double sigma = 1.0)
      : inverse_variance_(1.0 / (detail::positive(sigma, "L2: sigma") * sigma)) {}

  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    return 0.5 * inverse_variance_ * detail::squared_abs(u - y);
  }

  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    return static_cast<detail::Real<T>>(inverse_variance_) * (u - y);
  }

  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double gamma, T v, T y) const {
    const double weight = gamma * inverse_variance_;
    return static_cast<detail::Real<T>>(1.0 / (1.0 + weight)) *
           (v + static_cast<detail::Real<T>>(weight) * y);
  }

  template <typename T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T, T) const {
    return inverse_variance_;
  }

 private:
  double inverse_variance_;
};

}  // namespace misfit
