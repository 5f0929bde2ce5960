// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <cstddef>

namespace misfit {

/// d(u, y) = Σ |u − y|² / (2σ²): the negative log-likelihood of Gaussian noise of deviation σ, up
/// to a constant. Quadratic.
///
/// For L2{0.5}, u = (1, 3) and y = (2, 1): d = 10, ∇d = (−4, 8), prox_d(u) = (1.8, 1.4).
class L2 {
 public:
  /// For DistributedDataFidelity::prox().
  static constexpr bool is_quadratic = true;

  /// σ = `sigma`. Throws ArgumentError unless σ and 1/σ² are positive and finite.
  explicit L2(double sigma = 1.0)
      : inverse_variance_(detail::positive(1.0 / (detail::positive(sigma, "L2: sigma") * sigma),
                                           "L2: sigma is out of range, 1/sigma^2")) {}

  /// 1/σ².
  double uniform_weight() const { return inverse_variance_; }

  /// |u − y|² / (2σ²).
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    return detail::weighted_square(0.5 * inverse_variance_, detail::residual(u, y));
  }

  /// (u − y) / σ².
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    return static_cast<T>(inverse_variance_ * detail::residual(u, y));
  }

  /// (v + (γ/σ²) y) / (1 + γ/σ²).
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double gamma, T v, T y) const {
    return detail::weighted_mean(gamma, inverse_variance_, v, y);
  }

  /// 1/σ².
  template <typename T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T, T) const {
    return inverse_variance_;
  }

 private:
  double inverse_variance_;
};

}  // namespace misfit
