// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/lanes.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/detail/residual.hpp>
#include <misfit/detail/scalar.hpp>
#include <misfit/detail/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstdint>

namespace misfit {

/// d(u, y) = 0 where ‖u − y‖₂ ≤ r, else +∞. It has no gradient.
class IndicatorL2 {
 public:
  /// Throws ArgumentError unless r = `radius` is finite and not negative.
  explicit IndicatorL2(double radius)
      : radius_(detail::non_negative(radius, "IndicatorL2: radius")) {}

  /// NaN if u has a NaN. Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> U, VectorOn<Exec> Y>
  double value(const Exec& exec, const U& u, const Y& y) const {
    const double length = residual_norm(exec, u, y);
    if (length <= radius_) return 0.0;
    return length > radius_ ? HUGE_VAL : length;
  }

  /// The projection of v on the ball of radius r around y, for any γ: v itself inside, and outside
  /// a point of the sphere, up to rounding. NaN if ‖v − y‖₂ is not finite. Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> V, VectorOn<Exec> Y, VectorOn<Exec> R>
  void prox(const Exec& exec, double, const V& v, const Y& y, const R& result) const {
    using T = typename R::non_const_value_type;
    const double length = residual_norm(exec, v, y);
    const bool inside = length <= radius_;
    const double shrink = inside ? 1.0 : radius_ / length + detail::zero_or_nan(length);
    detail::for_entries(
        exec, "misfit::IndicatorL2::prox", v.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) {
          const T centre = y(j), point = v(j);
          result(j) = inside ? point
                             : static_cast<T>(static_cast<detail::Wide<T>>(centre) +
                                              shrink * detail::residual(point, centre));
        });
  }

  /// ‖u − y‖₂. Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> U, VectorOn<Exec> Y>
  static double residual_norm(const Exec& exec, const U& u, const Y& y) {
    using T = typename U::non_const_value_type;
    const double squares = detail::wide_sum(
        exec, "misfit::IndicatorL2::residual_norm", u.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) {
          return detail::squared_abs(detail::residual<T>(u(j), y(j)));
        });
    return std::sqrt(squares);
  }

 private:
  double radius_;
};

}  // namespace misfit
