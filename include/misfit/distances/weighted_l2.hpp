// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <cstddef>

namespace misfit {

/// d(u, y) = Σ w |u − y|² / 2: Gaussian noise of variance 1/w, up to a constant. Quadratic.
///
/// For w = (1, 4), u = (1, 3) and y = (2, 1): d = 8.5, ∇d = (−1, 8), prox_d(u) = (1.5, 1.4).
template <detail::RealVector Weights>
class WeightedL2 {
 public:
  /// Where the weights are.
  using memory_space = typename Weights::memory_space;

  /// For DistributedDataFidelity::prox().
  static constexpr bool is_quadratic = true;

  /// w = `weights`, real, of shape (m). Shared, not copied. Blocks.
  ///
  /// Throws ArgumentError if a weight is negative or not finite.
  explicit WeightedL2(const Weights& weights) : weights_(weights) {
    detail::require_non_negative(typename Weights::execution_space{}, "WeightedL2: weights",
                                 weights);
  }

  /// A move is a copy: it leaves the source as it was.
  WeightedL2(const WeightedL2&) = default;
  /// Likewise.
  WeightedL2& operator=(const WeightedL2&) = default;

  /// Throws ArgumentError unless there are m weights.
  void require_size(std::size_t m) const {
    detail::require_size("WeightedL2: weights", weights_, m);
  }

  /// w |u − y|² / 2.
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    return detail::weighted_square(0.5 * weight(j), detail::residual(u, y));
  }

  /// w (u − y).
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    return static_cast<T>(weight(j) * detail::residual(u, y));
  }

  /// (v + γ w y) / (1 + γ w).
  template <typename T>
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    return detail::weighted_mean(gamma, weight(j), v, y);
  }

  /// w.
  template <typename T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T, T) const {
    return weight(j);
  }

 private:
  KOKKOS_FUNCTION double weight(std::size_t j) const { return static_cast<double>(weights_(j)); }

  typename Weights::const_type weights_;
};

}  // namespace misfit
