// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <numbers>

namespace misfit {

/// y = w_t(x) = x − t round(x / t), entry by entry: x less the multiple of the period t that leaves
/// it in (−t/2, t/2]. Rounded once, next to the ends of that interval twice, and not out of it, for
/// x of any size. With t = 2π [rad], this is what an instrument reports that measures phases x.
///
/// With it the Itoh fidelity of phase unwrapping is L2 of differences: for D = FiniteDifference and
/// wrapped phases y, ‖D x − w_t(D y)‖² / (2σ²) is the fidelity of L2{σ}, the operator D and the
/// measurement w_t(D y); where neighbours differ by less than t/2 it is 0 at the true phase, up to
/// a constant (K. Itoh, "Analysis of the phase unwrapping algorithm", Applied Optics 21, 1982).
///
/// Real `x` and `y`, of one shape and in any layout; `y` may be `x`, but not overlap it otherwise.
/// NaN where x is not finite. Asynchronous on `exec`. Throws ArgumentError if the sizes differ, the
/// memory overlaps, or t = `period` is not positive and finite.
///
/// For t = 2π, x = (4, −4, 1) becomes (−2.283, 2.283, 1).
template <ExecutionSpace Exec, SignalsOn<Exec> X, OutputOn<Exec> Y>
  requires std::floating_point<typename X::non_const_value_type> &&
           std::same_as<typename X::non_const_value_type, typename Y::value_type>
void wrap(const Exec& exec, const X& x, const Y& y, double period = 2 * std::numbers::pi) {
  detail::positive(period, "wrap: period");
  detail::require_signals("wrap: x", x, detail::batch_size(y), detail::signal_size(y));
  detail::require_signals("wrap: y", y, detail::batch_size(x), detail::signal_size(x));
  if (!detail::same_entries(x, y)) detail::require_all_apart("wrap: x", x, "wrap: y", y);
  const auto n = static_cast<std::int64_t>(detail::signal_size(x));
  detail::for_entries(
      exec, "misfit::wrap", x.size(), KOKKOS_LAMBDA(const std::int64_t k) {
        using T = typename Y::value_type;
        constexpr double below_one = 1 - static_cast<double>(std::numeric_limits<T>::epsilon());
        // Exact, and within ±t/2.
        const double rest =
            detail::math::remainder(static_cast<double>(detail::entry_of(x, k / n, k % n)), period);
        const double half = 0.5 * period, wrapped = rest <= -half ? half : rest;
        const T rounded = static_cast<T>(wrapped);
        const bool left = rounded > half || rounded <= -half;
        detail::entry_of(y, k / n, k % n) = left ? static_cast<T>(wrapped * below_one) : rounded;
      });
}

}  // namespace misfit
