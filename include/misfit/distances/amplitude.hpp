// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>

namespace misfit {

/// d(u, y) = Σ (√u − √y)²: the distance of amplitudes, for intensities u, y ≥ 0. Real data.
///
/// Outside that domain the value is +∞ and there is no gradient.
///
/// For Amplitude{}, u = (4, 1) and y = (9, 1): d = 1, ∇d = (−0.5, 0).
class Amplitude {
 public:
  /// \cond
  static constexpr bool cuts_gradient = true;
  /// \endcond

  /// ε = `epsilon`, in units of u, keeps the gradient 1 − √(y/(u + ε)) finite at u = 0.
  ///
  /// Throws ArgumentError unless ε is positive and finite.
  explicit Amplitude(double epsilon = 1e-12)
      : epsilon_(detail::positive(epsilon, "Amplitude: epsilon")) {}

  /// Whether u or y is below 0.
  template <std::floating_point T>
  KOKKOS_FUNCTION bool outside_at(std::size_t, T u, T y) const {
    return u < 0 || y < 0;
  }

  /// 0 where u is below it by no more than e.
  template <std::floating_point T>
  KOKKOS_FUNCTION T inside_at(std::size_t, T u, T, double e) const {
    return u < 0 && u >= -e ? T(0) : u;
  }

  /// (√u − √y)²; +∞ outside the domain.
  template <std::floating_point T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    const double predicted = u, data = y;
    // NaN for NaN, also where the other argument is outside.
    if (outside_at(j, u, y))
      return HUGE_VAL + detail::math::fabs(predicted) + detail::math::fabs(data);
    const double difference = detail::math::sqrt(predicted) - detail::math::sqrt(data);
    return difference * difference;
  }

  /// 1 − √(y/(u + ε)); the largest number of T where that is beyond it.
  template <std::floating_point T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    // Two roots, for y/ε may be beyond a double.
    const double root = detail::math::sqrt(static_cast<double>(y)) /
                        detail::math::sqrt(static_cast<double>(u) + epsilon_);
    return detail::nearest<T>(1 - root + (detail::zero_or_nan(u) + detail::zero_or_nan(y)));
  }

  /// The derivative of the gradient as it is computed: ½ √y (u + ε)^{−3/2}.
  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T u, T y) const {
    const double shifted = static_cast<double>(u) + epsilon_;
    return 0.5 * (detail::math::sqrt(static_cast<double>(y)) / detail::math::sqrt(shifted)) /
           shifted;
  }

 private:
  double epsilon_;
};

}  // namespace misfit
