// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <concepts>
#include <cstddef>

namespace misfit {

/// d(u, y) = Σ h(|u − y|) with h(t) = t²/2 for t ≤ δ and δ (t − δ/2) beyond: L2 for small
/// residuals, L1 for outliers (P. J. Huber, "Robust estimation of a location parameter", 1964).
///
/// For Huber{1}, u = (1.5, 4) and y = (2, 1): d = 2.625, ∇d = (−0.5, 1), prox_d(u) = (1.75, 3).
class Huber {
 public:
  /// δ = `delta`. Throws ArgumentError unless it is positive and finite.
  explicit Huber(double delta) : delta_(detail::positive(delta, "Huber: delta")) {}

  /// h(|u − y|).
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    const auto difference = detail::residual(u, y);
    const double size = detail::abs(difference);
    return size <= delta_ ? 0.5 * detail::squared_abs(difference) : delta_ * (size - 0.5 * delta_);
  }

  /// (u − y) min(1, δ / |u − y|).
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    const auto difference = detail::residual(u, y);
    const double size = detail::abs(difference);
    // A division in a branch would keep compilers from making vectors of it at -O2.
    return static_cast<T>(delta_ / (size < delta_ ? delta_ : size) * difference);
  }

  /// From p + γ∇h(p − y) = v: a residual of at most δ (1 + γ) is divided by 1 + γ, a longer one
  /// shortened by γδ.
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t, double gamma, T v, T y) const {
    const auto difference = detail::residual(v, y);
    const double size = detail::abs(difference);
    return size <= delta_ * (1 + gamma) ? detail::weighted_mean(gamma, 1.0, v, y)
                                        : detail::moved(gamma * delta_, v, y, difference, size);
  }

  /// 1 for |u − y| ≤ δ, else 0. For real data: in the complex plane it depends on the direction.
  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T u, T y) const {
    return detail::abs(detail::residual(u, y)) <= delta_ ? 1.0 : 0.0;
  }

 private:
  double delta_;
};

}  // namespace misfit
