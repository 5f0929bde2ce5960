// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The numbers of an accelerated gradient method on a dual problem: its sums over measurements, its
// step and its momentum.

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Where a step of the dual method has gone, this rank's share or the sum: from q to p⁺, with p the
/// one before, u = prox(…), z⁺ = A x⁺ and x_q that of q.
struct DualSums {
  std::array<double, 8> values{};

  double& residual() { return values[0]; }   ///< |z⁺ − u|²
  double& predicted() { return values[1]; }  ///< |z⁺|²
  double& shifted() { return values[2]; }    ///< |u|²
  double& step() { return values[3]; }       ///< |p⁺ − q|²
  double& turn() { return values[4]; }       ///< Re⟨q − p⁺, p⁺ − p⟩
  double& moved() { return values[5]; }      ///< |x⁺ − x_q|²
  double& length() { return values[6]; }     ///< |x⁺|² + |v|²
  double& taken() { return values[7]; }      ///< |v − x⁺|², of what A reads of v
};

/// Adds the sums over n entries to `sums`. Blocks.
template <typename Exec, typename T>
void add_dual_sums(const Exec& exec, std::size_t n, const T* z, const T* u, const T* q,
                   const T* next, const T* p, DualSums& sums) {
  sums.residual() += wide_sum(
      exec, "misfit::dual", n,
      KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(z[j] - u[j]); });
  sums.predicted() += wide_sum(
      exec, "misfit::dual", n, KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(z[j]); });
  sums.shifted() += wide_sum(
      exec, "misfit::dual", n, KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(u[j]); });
  sums.step() += wide_sum(
      exec, "misfit::dual", n,
      KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(next[j] - q[j]); });
  sums.turn() += wide_sum(
      exec, "misfit::dual", n, KOKKOS_LAMBDA(const std::int64_t j) {
        const T back = q[j] - next[j], on = next[j] - p[j];
        if constexpr (is_complex<T>)
          return static_cast<double>(back.real()) * on.real() +
                 static_cast<double>(back.imag()) * on.imag();
        else
          return static_cast<double>(back) * on;
      });
}

/// |a − b|² of n entries. Blocks.
template <typename Exec, typename T>
double squared_distance(const Exec& exec, std::size_t n, const T* a, const T* b) {
  return wide_sum(
      exec, "misfit::dual", n,
      KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(a[j] - b[j]); });
}

/// The length of steps and the momentum, which start anew where the method would turn back (B.
/// O'Donoghue and E. Candès, "Adaptive restart for accelerated gradient schemes", 2015).
class DualStep {
 public:
  /// `curvature`: an estimate of ‖A‖², from below.
  explicit DualStep(double curvature) : curvature_(curvature > 0 ? curvature : 1) {}

  /// 1 / the length of the next step.
  double curvature() const { return curvature_; }

  /// Whether a step that has moved x by `moved` = |A^H (p⁺ − q)|² was short enough; if not, the
  /// next is shorter. `rounding` is what of `moved` may be rounding.
  bool accept(double step, double moved, double rounding) {
    constexpr double slack = 1 + 1e-6;
    const double least = slack * (moved / step);  // infinite where roundings alone moved x
    if (!(least > curvature_) || moved <= rounding || std::isinf(least)) return true;
    curvature_ = std::max(2 * curvature_, least);
    return false;
  }

  /// The β of the extrapolation p⁺ + β (p⁺ − p).
  double momentum(double turn) {
    if (turn > 0) {
      t_ = 1;
      return 0;
    }
    const double next = (1 + std::sqrt(1 + 4 * t_ * t_)) / 2;
    const double beta = (t_ - 1) / next;
    t_ = next;
    return beta;
  }

 private:
  double curvature_, t_ = 1;
};

#define MISFIT_DUAL_STEP(prefix, Exec, T)                                                    \
  prefix template void add_dual_sums(const Exec&, std::size_t, const T*, const T*, const T*, \
                                     const T*, const T*, DualSums&);                         \
  prefix template double squared_distance(const Exec&, std::size_t, const T*, const T*);
MISFIT_FOR_SCALARS(MISFIT_DUAL_STEP, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
