// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <limits>

namespace misfit {

/// d(u, y) = Σ μ − y + y log(y/μ) with the mean counts μ = u/g + β and 0 log 0 = 0: the negative log-likelihood of
/// Poisson counts y, up to a constant that makes it 0 for μ = y (Kullback–Leibler divergence).
///
/// Real data. Its domain is y ≥ 0, μ ≥ 0, and μ > 0 where y > 0. Outside, the value is +∞ and there is no
/// gradient.
template <typename Background = double>
class Poisson {
 public:
  /// g = `gain` in units of u per count, β = `background` counts: a number, or a View of shape (m), shared.
  ///
  /// Throws ArgumentError unless g > 0 and β ≥ 0, and finite.
  explicit Poisson(double gain = 1.0, const Background& background = Background{})
      : inverse_gain_(1.0 / detail::positive(gain, "Poisson: gain")), background_(background) {
    if constexpr (View<Background>)
      detail::require_non_negative(typename Background::execution_space{}, "Poisson: background",
                                   background);
    else
      detail::non_negative(background, "Poisson: background");
  }

  void require_size(std::size_t m) const {
    if constexpr (View<Background>) detail::require_size("Poisson: background", background_, m);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return outside(mean(j, u), y);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u), counts = y;
    if (outside(mu, counts)) return std::numeric_limits<double>::infinity();
    return counts == 0 ? mu : mu - counts + counts * detail::math::log(counts / mu);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u);
    const double ratio = y == 0 ? 0.0 : static_cast<double>(y) / mu;
    return static_cast<T>((1 - ratio) * inverse_gain_ + detail::zero_or_nan(u));
  }

  /// The larger root μ of (gμ)² + … that stays in the domain: ½[(v − c − gβ) + √((v − c + gβ)² + 4gcy)], c = γ/g.
  template <std::floating_point T>
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    const double c = gamma * inverse_gain_, gain = 1 / inverse_gain_, shift = gain * background(j);
    const double sum = static_cast<double>(v) - c + shift;
    const double product = 4 * gain * c * static_cast<double>(y);
    const double root = detail::math::sqrt(sum * sum + product);
    // g μ, without the cancellation of ½(sum + root) for negative sums.
    const double scaled_mean = sum >= 0 ? 0.5 * (sum + root) : (product > 0 ? 0.5 * product / (root - sum) : 0.0);
    return static_cast<T>(scaled_mean - shift);
  }

  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u);
    return y == 0 ? 0.0 : static_cast<double>(y) / (mu * mu) * inverse_gain_ * inverse_gain_;
  }

 private:
  KOKKOS_FUNCTION double background(std::size_t j) const {
    if constexpr (View<Background>)
      return static_cast<double>(background_(j));
    else
      return background_;
  }
  KOKKOS_FUNCTION double mean(std::size_t j, double u) const {
    return u * inverse_gain_ + background(j);
  }
  KOKKOS_FUNCTION static bool outside(double mu, double y) { return y < 0 || mu < 0 || (y > 0 && mu == 0); }

  double inverse_gain_;
  Background background_;
};

Poisson()->Poisson<double>;
Poisson(double)->Poisson<double>;
Poisson(double, double)->Poisson<double>;

}  // namespace misfit
