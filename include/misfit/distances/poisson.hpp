// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/in_memory_of.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace misfit {

/// d(u, y) = Σ μ − y + y log(y/μ) with the mean counts μ = u/g + β and 0 log 0 = 0: the negative
/// log-likelihood of Poisson counts y, up to a constant that makes it 0 for μ = y (Kullback–Leibler
/// divergence).
///
/// Real data. Its domain is y ≥ 0, μ ≥ 0, and μ > 0 where y > 0. Outside, the value is +∞ and there
/// is no gradient. A μ that is below 0 by no more than the rounding of u = −gβ is 0.
///
/// For Poisson{2, 1}, u = (2, 6) and y = (0, 2): d = 2.614, ∇d = (0.5, 0.25), prox_d(u) = (1.5,
/// 5.758).
template <typename Background = double>
  requires std::same_as<Background, double> || detail::RealVector<Background>
class Poisson : public detail::InMemoryOf<Background> {
 public:
  /// \cond
  static constexpr bool cuts_gradient = true;
  /// \endcond

  /// g = `gain` in units of u per count, β = 0. Throws ArgumentError unless g and 1/g are positive
  /// and finite.
  explicit Poisson(double gain = 1.0)
    requires std::same_as<Background, double>
      : Poisson(gain, 0.0) {}

  /// β = `background` counts: a number, or a real View of shape (m), which is shared, not copied.
  /// Blocks.
  ///
  /// Throws ArgumentError as above, and if β or gβ is negative or not finite.
  Poisson(double gain, const Background& background)
      : gain_(detail::positive(gain, "Poisson: gain")),
        inverse_gain_(detail::positive(1.0 / gain, "Poisson: gain is out of range, 1/gain")),
        background_(background) {
    if constexpr (has_view) {
      const typename Background::execution_space exec;
      detail::require_non_negative(exec, "Poisson: background", background);
      detail::require_non_negative(exec, "Poisson: gain * background", background, gain);
    } else {
      detail::non_negative(background, "Poisson: background");
      detail::non_negative(gain * background, "Poisson: gain * background");
    }
  }

  /// A move is a copy: it leaves the source as it was.
  Poisson(const Poisson&) = default;
  /// Likewise.
  Poisson& operator=(const Poisson&) = default;

  /// Throws ArgumentError if β is a View of another size than m.
  void require_size(std::size_t m) const {
    if constexpr (has_view) detail::require_size("Poisson: background", background_, m);
  }

  /// Whether y or μ is below 0, or μ is 0 and y is not.
  template <std::floating_point T>
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return outside(mean(j, u), y);
  }

  /// Where μ may be off by e/g, and is between −e/g and e/g: −gβ for y = 0, where d is μ; else
  /// μ = e/g, for below that the value y log(y/μ) and the slope −y/μ are of rounding alone.
  template <std::floating_point T>
  KOKKOS_FUNCTION T inside_at(std::size_t j, T u, T y, double e) const {
    const double shift = gain_ * background(j), w = static_cast<double>(u) + shift;
    if (!(w >= -e && w < e)) return u;
    if (y == 0) return raised(j, w >= 0 ? u : static_cast<T>(-shift), shift);
    const double lowest = lowest_inside<T>(shift);
    return detail::nearest<T>(e - shift > lowest ? e - shift : lowest);
  }

  /// μ − y + y log(y/μ); +∞ outside the domain.
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

  /// (1 − y/μ) / g; the largest number of T where that is beyond it.
  template <std::floating_point T>
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    const double mu = mean(j, u), counts = y;
    // Written as a quotient so that an infinite μ gives NaN, not 1.
    const double slope = mu == 0 && counts == 0 ? 1.0 : (mu - counts) / mu;
    return detail::nearest<T>(slope * inverse_gain_ + detail::zero_or_nan(y));
  }

  /// ½[(v − c − gβ) + √((v − c + gβ)² + 4 g c y)] with c = γ/g, and never outside the domain. NaN
  /// where y < 0: d is +∞ everywhere.
  template <std::floating_point T>
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    const double point = v, counts = y, shift = gain_ * background(j), step = gamma * inverse_gain_;
    double p = point - step, lowest = -shift;
    if (counts != 0) {
      const double w = raised_mean(gamma, point, counts, shift);
      // Where gβ is larger than all else, p = v + γy/w − γ/g has the digits that w has lost.
      const bool keeps_digits = detail::math::fabs(point) + step < 0.5 * shift && w < 2 * shift;
      const double root = detail::math::sqrt(gamma) * detail::math::sqrt(counts);
      p = keeps_digits ? point + (root / w * root - step) : w - shift;
      lowest = lowest_inside<T>(shift);
    }
    p = p < lowest ? lowest : p;
    const T result = detail::nearest<T>(p + (detail::zero_or_nan(v) + detail::zero_or_nan(y)));
    return counts == 0 ? raised(j, result, shift) : result;
  }

  /// y / (gμ)².
  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const {
    const double w = gain_ * mean(j, u);
    return y == 0 ? 0.0 : static_cast<double>(y) / w / w + detail::zero_or_nan(y);
  }

 private:
  static constexpr bool has_view = !std::is_same_v<Background, double>;

  KOKKOS_FUNCTION double background(std::size_t j) const {
    if constexpr (has_view)
      return static_cast<double>(background_(j));
    else
      return background_;
  }
  /// μ. Of numbers of T the one next to −gβ is off by one rounding; β, 1/g, product and sum here
  /// add four of a double. Up to 8 roundings below 0 are 0.
  template <typename T>
  KOKKOS_FUNCTION double mean(std::size_t j, T u) const {
    const double beta = background(j), mu = static_cast<double>(u) * inverse_gain_ + beta;
    return mu < 0 && mu >= -8 * detail::unit_roundoff<T> * beta ? 0.0 : mu;
  }

  /// u, or where it has been rounded to denormal numbers below −gβ, one of which μ is above 0.
  template <typename T>
  KOKKOS_FUNCTION T raised(std::size_t j, T u, double shift) const {
    return mean(j, u) < 0 ? static_cast<T>(lowest_inside<T>(shift)) : u;
  }

  /// A u of which μ is above 0 however it is rounded, and no further from −gβ than it has to be:
  /// 8 roundings, as in mean(), or the same of denormal numbers, or one of which u/g does not
  /// underflow (the least positive double is 2^−1074).
  template <typename T>
  KOKKOS_FUNCTION double lowest_inside(double shift) const {
    constexpr double least = 4.0 * std::numeric_limits<T>::denorm_min();
    const double by_rounding = 8 * detail::unit_roundoff<T> * shift, by_gain = 0x1p-1072 * gain_;
    const double above = by_rounding > least ? by_rounding : least;
    return (above > by_gain ? above : by_gain) - shift;
  }

  /// The w = gμ > 0 that solves w² − b w − γ y = 0, b = v − γ/g + gβ: the condition of optimality.
  /// For γ > 1 both sides are divided by γ, so that nothing overflows before w does; a sum that
  /// would cancel is replaced by its conjugate.
  KOKKOS_FUNCTION double raised_mean(double gamma, double v, double y, double shift) const {
    const bool large = gamma > 1;
    const double scale = large ? 1 / gamma : 1.0, step = large ? 1.0 : gamma;
    const double half = 0.5 * (v * scale) - 0.5 * (step * inverse_gain_) + 0.5 * (shift * scale);
    const double middle = detail::math::sqrt(step * scale) * detail::math::sqrt(y);
    const double root = detail::math::hypot(half, middle);
    if (half >= 0) return (half + root) / scale;
    return large ? y / (root - half) : middle * (middle / (root - half));
  }
  KOKKOS_FUNCTION static bool outside(double mu, double counts) {
    return counts < 0 || mu < 0 || (counts > 0 && mu == 0);
  }

  double gain_, inverse_gain_;
  Background background_;
};

/// \cond
Poisson() -> Poisson<double>;
Poisson(double) -> Poisson<double>;
Poisson(double, double) -> Poisson<double>;
/// \endcond

}  // namespace misfit
