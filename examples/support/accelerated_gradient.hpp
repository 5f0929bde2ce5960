// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace examples {

/// FISTA with projection on x >= 0: x' = max(0, z - step ∇f(z)), then z = x' + momentum (x' - x).
/// (A. Beck and M. Teboulle, "A fast iterative shrinkage-thresholding algorithm", 2009.)
///
/// The step is 1 / (‖A‖² L), of DistributedOperator::norm_squared_bound() and the Lipschitz
/// constant L of the distance's gradient. The caller sets gradient() to ∇f(point()) before each
/// step().
template <typename T>
class AcceleratedGradient {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using Signal = Kokkos::View<T*>;

  /// Starts at `x`, which is overwritten.
  AcceleratedGradient(const Exec& exec, const Kokkos::View<T*>& x, double step)
      : x_(x),
        point_(Kokkos::view_alloc(Kokkos::WithoutInitializing, "examples::point"), x.extent(0)),
        gradient_("examples::gradient", x.extent(0)),
        step_(static_cast<T>(step)) {
    Kokkos::deep_copy(exec, point_, x_);
  }

  const Signal& point() const { return point_; }
  const Signal& gradient() const { return gradient_; }
  const Signal& solution() const { return x_; }

  /// Where `f`, f(point()), has grown the momentum begins anew. Throws misfit::Error where it is
  /// far above that of the start, or not finite: the step is too long. Asynchronous on `exec`.
  void step(const Exec& exec, double f) {
    if (f > before_) t_ = 1;
    if (!(f <= most_))
      throw misfit::Error("f has grown to " + std::to_string(f) +
                          ": the step is too long; take 1 / (norm_squared_bound L)");
    if (before_ == most_) most_ = 10 * std::abs(f);
    before_ = f;
    const double t = 0.5 * (1 + std::sqrt(1 + 4 * t_ * t_));
    const auto momentum = static_cast<T>((t_ - 1) / t);
    t_ = t;
    const auto x = x_, z = point_, g = gradient_;
    const T step = step_;
    Kokkos::parallel_for(
        "examples::AcceleratedGradient::step", Kokkos::RangePolicy<Exec>(exec, 0, x.extent(0)),
        KOKKOS_LAMBDA(const std::size_t j) {
          const T descended = z(j) - step * g(j);
          const T next = descended > 0 ? descended : 0;
          z(j) = next + momentum * (next - x(j));
          x(j) = next;
        });
  }

 private:
  Signal x_, point_, gradient_;
  T step_;
  double t_ = 1;
  double before_ = std::numeric_limits<double>::max();
  double most_ = before_;  ///< that f may be
};

}  // namespace examples
