// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace misfit {

namespace detail {

/// A length scale · root, which may be beyond a double, of residuals that themselves may be so, but
/// not `part` of them.
struct Length {
  double value() const { return scale * root; }
  double scale, root, part;
};

/// The length of the vector of n entries of which residual(part, j) is `part` times entry j, also
/// where squares overflow or underflow. Not finite if an entry is not. Blocks.
template <typename Exec, typename Residual>
Length length_of(const Exec& exec, std::size_t n, const Residual& residual) {
  const double squares = wide_sum(
      exec, "misfit::length", n,
      KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(residual(1.0, j)); });
  // Within these bounds, squares that underflowed are less than the rounding of the sum.
  if (squares != squares || (squares > 1e-280 && squares < 1e300))
    return {1.0, std::sqrt(squares), 1.0};

  // A quarter of a residual is no larger than a double; of a small one nothing must be lost.
  const double part = squares < 1 ? 1.0 : 0.25;
  double largest = 0;
  Kokkos::parallel_reduce(
      "misfit::length: largest", range(exec, n),
      KOKKOS_LAMBDA(const std::int64_t j, double& most) {
        const double size = abs(residual(part, j));
        most = size > most ? size : most;
      },
      Kokkos::Max<double>(largest));
  if (!(largest > 0) || zero_or_nan(largest) != 0) return {1.0, largest, 1.0};
  const double ratios = wide_sum(
      exec, "misfit::length: scaled", n,
      KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(residual(part, j) / largest); });
  return {largest, std::sqrt(ratios) / part, part};
}

/// Entry j of u − y, for length_of().
template <typename U, typename Y>
struct ResidualOf {
  using T = typename U::non_const_value_type;
  KOKKOS_FORCEINLINE_FUNCTION Wide<T> operator()(double part, std::int64_t j) const {
    return scaled_residual<T>(part, u(j), y(j));
  }
  U u;
  Y y;
};

/// The point y + shrink (v − y), rounded to the type of v, and as a residual for length_of().
template <typename V, typename Y>
struct Shortened {
  using T = typename V::non_const_value_type;
  KOKKOS_FORCEINLINE_FUNCTION T point(std::int64_t j) const {
    const T centre = y(j);
    return static_cast<T>(static_cast<Wide<T>>(centre) +
                          shrink / part * scaled_residual<T>(part, v(j), centre));
  }
  KOKKOS_FORCEINLINE_FUNCTION Wide<T> operator()(double scale, std::int64_t j) const {
    return scaled_residual<T>(scale, point(j), y(j));
  }
  V v;
  Y y;
  double part, shrink;
};

}  // namespace detail

/// d(u, y) = 0 where ‖u − y‖₂ ≤ r, else +∞. It has no gradient.
///
/// For IndicatorL2{5}, u = (6, 8) and y = (0, 0): d = +∞, prox_d(u) = (3, 4).
class IndicatorL2 {
 public:
  /// r = `radius`. Throws ArgumentError unless it is finite and not negative.
  explicit IndicatorL2(double radius)
      : radius_(detail::non_negative(radius, "IndicatorL2: radius")) {}

  /// NaN if u has a NaN. Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> U, VectorOn<Exec> Y>
  double value(const Exec& exec, const U& u, const Y& y) const {
    const double length =
        detail::length_of(exec, u.extent(0), detail::ResidualOf<U, Y>{u, y}).value();
    if (length <= radius_) return 0.0;
    return length > radius_ ? HUGE_VAL : length;
  }

  /// The projection of v on the ball of radius r around y, for any γ: v itself inside, and outside
  /// a point of the sphere, up to rounding, that lies inside as value() measures it: y itself where
  /// numbers of its type are too far apart for another. NaN if v has an entry that is not finite.
  /// Blocks.
  template <ExecutionSpace Exec, VectorOn<Exec> V, VectorOn<Exec> Y, VectorOn<Exec> R>
  void prox(const Exec& exec, double, const V& v, const Y& y, const R& result) const {
    const std::size_t n = v.extent(0);
    const auto length = detail::length_of(exec, n, detail::ResidualOf<V, Y>{v, y});
    if (length.value() <= radius_) {
      Kokkos::deep_copy(exec, result, v);
      detail::fence(exec, "misfit::IndicatorL2::prox: the point is there");
      return;
    }
    detail::Shortened<V, Y> to{v, y, length.part, radius_ / length.scale / length.root};
    // The rounded point may lie outside: shorter by the excess, and twice as much each time, until
    // enough entries are rounded to other numbers.
    for (double growth = 1;; growth *= 2) {
      const double found = detail::length_of(exec, n, to).value();
      if (!(found > radius_)) break;
      const double excess = std::fmax(1 - radius_ / found, detail::unit_roundoff<double>);
      to.shrink *= std::fmax(1 - growth * excess, 0.0);
    }
    detail::for_entries(
        exec, "misfit::IndicatorL2::prox", n,
        KOKKOS_LAMBDA(const std::int64_t j) { result(j) = to.point(j); });
    detail::fence(exec, "misfit::IndicatorL2::prox: the point is there");
  }

 private:
  double radius_;
};

}  // namespace misfit
