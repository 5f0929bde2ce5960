// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One fidelity at one x: its gradient against its values.

#include "scorecard/catalogue/catalogue.hpp"
#include "scorecard/check.hpp"

#include <misfit/detail/base/scalar.hpp>
#include <misfit/misfit.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit::test {

/// f along x + h d, with what is needed to judge differences of it.
template <typename T, typename Fidelity, typename Operators, typename Y>
class AlongLine {
 public:
  using Vector = Kokkos::View<T*>;

  AlongLine(const Fidelity& fidelity, const Operators& operators, const Y& y, const Vector& x,
            const Vector& direction)
      : fidelity_(fidelity),
        operators_(operators),
        y_(y),
        x_(x),
        d_(direction),
        moved_("moved", x.extent(0)) {
    const Vector g("g", x.extent(0));
    value_ = fidelity.fn_and_grad(Exec{}, x, y, operators, g);
    for (std::size_t j = 0; j < x.extent(0); ++j) {
      slope_ += real_product(g(j), d_(j));
      length_g_ += real_product(g(j), g(j));
      length_d_ += real_product(d_(j), d_(j));
    }
    length_g_ = std::sqrt(length_g_);
    length_d_ = std::sqrt(length_d_);
    g_ = g;
  }

  double value() const { return value_; }
  /// |f(x + h d) − f(x) − h Re⟨∇f, d⟩|
  double remainder(double h) const { return std::abs(at(h) - value_ - h * slope_); }
  /// How far rounding may move it: of f, and of x + h d.
  double rounding() const {
    return 8 * std::numeric_limits<double>::epsilon() * (std::abs(value_) + length_g_ * norm_x());
  }
  /// |f(x + h d) − f(x − h d) − Re⟨∇f, the step as it was taken⟩| / (|∇f| |step|) at the best h of
  /// those down to `least`, at which rounding is still far below the tolerance; relative to the
  /// difference where ∇f is so small. NaN where ∇f is not finite.
  double central_difference(double least) const {
    if (!std::isfinite(length_g_)) return std::nan("");
    double best = std::numeric_limits<double>::infinity();
    for (double h = 0x1p-4; h >= least; h /= 2) {
      const double difference = at(h) - at(-h);
      const double scale = std::max(length_g_ * 2 * h * length_d_, std::abs(difference));
      const double error = std::abs(difference - step_along_gradient(h));
      best = std::min(best, error == 0 ? 0 : error / scale);
    }
    return best;
  }

 private:
  static double real_product(const T& a, const T& b) {
    if constexpr (detail::is_complex<T>)
      return static_cast<double>(a.real()) * b.real() + static_cast<double>(a.imag()) * b.imag();
    else
      return static_cast<double>(a) * b;
  }
  T point(std::size_t j, double h) const { return x_(j) + static_cast<detail::Real<T>>(h) * d_(j); }
  double at(double h) const {
    for (std::size_t j = 0; j < x_.extent(0); ++j) moved_(j) = point(j, h);
    return fidelity_.fn(Exec{}, moved_, y_, operators_);
  }
  double step_along_gradient(double h) const {
    double sum = 0;
    for (std::size_t j = 0; j < x_.extent(0); ++j)
      sum += real_product(g_(j), point(j, h) - point(j, -h));
    return sum;
  }
  double norm_x() const {
    double sum = 0;
    for (std::size_t j = 0; j < x_.extent(0); ++j) sum += real_product(x_(j), x_(j));
    return std::sqrt(sum);
  }

  const Fidelity& fidelity_;
  const Operators& operators_;
  const Y& y_;
  Vector x_, d_, moved_, g_;
  double value_ = 0, slope_ = 0, length_g_ = 0, length_d_ = 0;
};

/// The largest |slope − 2| of the remainder over halvings of h, as far as it is well above
/// rounding, or 0 where it never is: then f is linear along the line, and the gradient exact.
template <typename Line>
double worst_slope(const Line& line) {
  double worst = 0;
  for (int k = 0; k < 6; ++k) {
    const double h = 0x1p-11 / (1 << k);
    const double wide = line.remainder(h), half = line.remainder(h / 2);
    if (half <= 2000 * line.rounding()) break;
    worst = worse(worst, std::abs(std::log2(wide / half) - 2));
  }
  return worst;
}

/// Counts an instance: slopes in double, central differences in double and float.
template <typename T, typename Fidelity, typename Operators, typename Y>
void check_instance(Check& check, const std::string& name, const Fidelity& fidelity,
                    const Operators& operators, const Y& y, const Kokkos::View<T*>& x) {
  constexpr bool in_double = std::is_same_v<detail::Real<T>, double>;
  double slope = 0, difference = 0;
  for (int k = 0; k < check.at_most(3, 1); ++k) {
    const auto d = numbers<T>(check.seed() + 77 + static_cast<std::uint64_t>(k), x.extent(0), -0.5);
    const AlongLine<T, Fidelity, Operators, Y> line(fidelity, operators, y, x, d);
    if (in_double) slope = worse(slope, worst_slope(line));
    difference = worse(difference, line.central_difference(in_double ? 0x1p-21 : 0x1p-9));
  }
  if (in_double) check.figure(slope);
  const bool held = slope <= 0.02 && difference <= (in_double ? 1e-9 : 1e-3);
  check.tried(held, name + ": |slope - 2| " + std::to_string(slope) + ", central difference " +
                        std::to_string(difference * 1e9) + "e-9");
}

}  // namespace misfit::test
