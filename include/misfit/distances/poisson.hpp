// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/detail/scalar.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <type_traits>

namespace misfit {

/// d(u, y) = Σ μ − y + y log(y/μ) with the mean counts μ = u/g + β and 0 log 0 = 0: the negative
/// log-likelihood of Poisson counts y, up to a constant that makes it 0 for μ = y (Kullback–Leibler
/// divergence).
///
/// Real data. Its domain is y ≥ 0, μ ≥ 0, and μ > 0 where y > 0. Outside, the value is +∞ and there
/// is no gradient.
template <typename Background = double>
requires std::same_as<Background, double> || detail::RealVector<Background>
class Poisson {
 public:
  /// g = `gain` in units of u per count, β = 0. Throws ArgumentError unless g and 1/g are positive
  /// and finite.
  explicit Poisson(double gain = 1.0) requires std::same_as<Background, double>
      : Poisson(gain, 0.0) {}

  /// β = `background` counts: a number, or a real View of shape (m), which is shared, not copied.
  /// Blocks.
  ///
  /// Throws ArgumentError as above, and if β is negative or not finite.
  Poisson(double gain, const Background& background)
      : gain_(detail::positive(gain, "Poisson: gain")),
        inverse_gain_(detail::positive(1.0 / gain, "Poisson: gain is out of range, 1/gain")),
        background_(background) {
    if constexpr (has_view)
      detail::require_non_negative(typename Background::execution_space{}, "Poisson: background",
                                   background);
    else
      detail::non_negative(background, "Poisson: background");
  }

  /// Moving copies: what was moved from is as it was.
  Poisson(const Poisson&) = default;
  Poisson& operator=(const Poisson&) = default;

  void require_size(std::size_t m) const {
    if constexpr (has_view) detail::require_size("Poisson: background", background_, m);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return outside(mean(j, u), y);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u), counts = y;
    // NaN for NaN, also where the other argument is outside.
    if (outside(mu, counts)) return HUGE_VAL + detail::math::fabs(mu) + detail::math::fabs(counts);
    if (counts == 0 || !(mu < HUGE_VAL)) return mu;
    // log1p loses no digits where μ ≈ y, and a difference of logarithms cannot overflow elsewhere.
    const double excess = mu - counts;
    return detail::math::fabs(excess) < 0.5 * counts
               ? excess - counts * detail::math::log1p(excess / counts)
               : excess + counts * (detail::math::log(counts) - detail::math::log(mu));
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u), counts = y;
    // Written as a quotient so that an infinite μ gives NaN, not 1.
    const double slope = mu == 0 && counts == 0 ? 1.0 : (mu - counts) / mu;
    return static_cast<T>(slope * inverse_gain_);
  }

  /// ½[(v − c − gβ) + √((v − c + gβ)² + 4 g c y)] with c = γ/g. NaN where y < 0: d is +∞
  /// everywhere.
  template <std::floating_point T>
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    // With w = g μ the condition of optimality is w² − b w − γ y = 0, and w ≥ 0.
    const double shift = gain_ * background(j), product = gamma * static_cast<double>(y);
    const double b = static_cast<double>(v) - gamma * inverse_gain_ + shift;
    const double root = detail::math::hypot(b, 2 * detail::math::sqrt(product));
    const double w = b >= 0 ? 0.5 * (b + root) : 2 * product / (root - b);
    return static_cast<T>(w - shift + detail::zero_or_nan(v));
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const {
    const double w = gain_ * mean(j, u);
    return y == 0 ? 0.0 : static_cast<double>(y) / w / w;
  }

 private:
  static constexpr bool has_view = !std::is_same_v<Background, double>;

  KOKKOS_FUNCTION double background(std::size_t j) const {
    if constexpr (has_view)
      return static_cast<double>(background_(j));
    else
      return background_;
  }
  KOKKOS_FUNCTION double mean(std::size_t j, double u) const {
    return u * inverse_gain_ + background(j);
  }
  KOKKOS_FUNCTION static bool outside(double mu, double counts) {
    return counts < 0 || mu < 0 || (counts > 0 && mu == 0);
  }

  double gain_, inverse_gain_;
  Background background_;
};

Poisson()->Poisson<double>;
Poisson(double)->Poisson<double>;
Poisson(double, double)->Poisson<double>;

}  // namespace misfit
