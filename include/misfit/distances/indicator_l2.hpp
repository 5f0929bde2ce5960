// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/detail/vector_algebra.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace misfit {

/// d(u, y) = 0 where ‖u − y‖₂ ≤ r, else +∞. It has no gradient.
class IndicatorL2 {
 public:
  /// Throws ArgumentError unless r = `radius` ≥ 0 and finite.
  explicit IndicatorL2(double radius)
      : radius_(detail::non_negative(radius, "IndicatorL2: radius")) {}

  /// Blocks. NaN if u is.
  template <ExecutionSpace Exec, VectorOn<Exec> U, VectorOn<Exec> Y>
  double value(const Exec& exec, const U& u, const Y& y) const {
    const double length = distance(exec, u, y);
    if (std::isnan(length)) return length;
    return length <= radius_ ? 0.0 : std::numeric_limits<double>::infinity();
  }

  /// The projection of v on the ball around y, whatever γ. Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> V, VectorOn<Exec> Y, VectorOn<Exec> R>
  void prox(const Exec& exec, double, const V& v, const Y& y, const R& result) const {
    using T = typename R::non_const_value_type;
    const double length = distance(exec, v, y);
    const auto factor = static_cast<detail::Real<T>>(length <= radius_ ? 1.0 : radius_ / length);
    Kokkos::parallel_for(
        "misfit::IndicatorL2::prox", detail::range(exec, v.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j) { result(j) = y(j) + factor * (v(j) - y(j)); });
  }

  template <typename Exec, typename U, typename Y>
  static double distance(const Exec& exec, const U& u, const Y& y) {
    double squared = 0;
    Kokkos::parallel_reduce(
        "misfit::IndicatorL2::distance", detail::range(exec, u.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          partial += detail::squared_abs(u(j) - y(j));
        },
        squared);
    return std::sqrt(squared);
  }

 private:
  double radius_;
};

}  // namespace misfit
