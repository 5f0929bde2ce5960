// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <concepts>
#include <cstddef>
#include <limits>

namespace misfit {

/// d(u, y) = Σ N₀ (e^{−μu} + μ u e^{−μy}): the negative log-likelihood of photon counts N₀ e^{−μy}
/// behind an absorber of thickness u, up to a constant. Real data.
///
/// For LogPoisson{100, 0.5}, u = (2, 1) and y = (2, 2): d = 152.6, ∇d = (0, −11.93).
class LogPoisson {
 public:
  /// \cond
  static constexpr bool cuts_gradient = true;
  /// \endcond

  /// N₀ = `n0` photons, μ = `mu` [1/unit of u].
  ///
  /// Throws ArgumentError unless both and their product are positive and finite.
  explicit LogPoisson(double n0 = 1024.0, double mu = 1.0 / 50.0)
      : n0_(detail::positive(n0, "LogPoisson: n0")), mu_(detail::positive(mu, "LogPoisson: mu")) {
    detail::positive(n0 * mu, "LogPoisson: n0 * mu");
  }

  /// N₀ (e^{−μu} + μ u e^{−μy}).
  template <std::floating_point T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    const double of_u = transmission(u), of_y = transmission(y);
    if (is_too_large(of_u) && is_too_large(of_y)) {  // e^a − a e^b
      const double a = -mu_ * static_cast<double>(u), b = -mu_ * static_cast<double>(y);
      return (a > b + detail::math::log(a) ? HUGE_VAL : -HUGE_VAL) + detail::zero_or_nan(u);
    }
    const bool none = u == T(0) && is_too_large(of_y);  // 0 of infinity
    return n0_ * (of_u + (none ? 0.0 : mu_ * static_cast<double>(u) * of_y));
  }

  /// N₀ μ (e^{−μy} − e^{−μu}); the largest number of T where that is beyond it.
  template <std::floating_point T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    const double of_u = transmission(u), of_y = transmission(y);
    double difference = of_y - of_u;
    if (is_too_large(of_u) && is_too_large(of_y))
      difference = u == y ? 0.0 : u > y ? HUGE_VAL : -HUGE_VAL;
    return detail::nearest<T>(n0_ * mu_ * difference + detail::zero_or_nan(u));
  }

  /// N₀ μ² e^{−μu}.
  template <std::floating_point T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t, T u, T) const {
    return n0_ * mu_ * mu_ * transmission(u);
  }

 private:
  KOKKOS_FUNCTION double transmission(double thickness) const {
    return detail::math::exp(-mu_ * thickness);
  }
  KOKKOS_FUNCTION static bool is_too_large(double transmission) {
    return transmission > std::numeric_limits<double>::max();
  }

  double n0_;
  double mu_;
};

}  // namespace misfit
