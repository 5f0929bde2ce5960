// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/lanes.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/detail/signals.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstdint>
#include <numbers>

namespace misfit {

/// y = w_t(x) = x − t round(x / t), entry by entry: x less the multiple of the period t that leaves
/// it in (−t/2, t/2], up to rounding. What an instrument reports that measures phases x, with t =
/// 2π [rad].
///
/// With it the Itoh fidelity of phase unwrapping is L2 of differences: for D = FiniteDifference and
/// wrapped phases y, ‖D x − w_t(D y)‖² / (2σ²) is the fidelity of L2{σ}, the operator D and the
/// measurement w_t(D y); where neighbours differ by less than t/2 it is 0 at the true phase, up to
/// a constant (K. Itoh, "Analysis of the phase unwrapping algorithm", Applied Optics 21, 1982).
///
/// Real `x` and `y`, of one shape; `y` may be `x`. NaN where x is not finite. Asynchronous on
/// `exec`. Throws ArgumentError if the sizes differ, or t = `period` is not positive and finite.
template <ExecutionSpace Exec, SignalsOn<Exec> X, SignalsOn<Exec> Y>
requires std::floating_point<typename X::non_const_value_type> &&
    std::same_as<typename X::non_const_value_type, typename Y::value_type>
void wrap(const Exec& exec, const X& x, const Y& y, double period = 2 * std::numbers::pi) {
  detail::positive(period, "wrap: period");
  detail::require_signals("wrap: x", x, detail::batch_size(y), detail::signal_size(y));
  detail::require_signals("wrap: y", y, detail::batch_size(x), detail::signal_size(x));
  const auto in = detail::all_signals(x);
  const auto out = detail::all_signals(y);
  detail::for_entries(
      exec, "misfit::wrap", out.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
        const double value = in(j), turns = value / period, whole = detail::math::floor(turns);
        const double nearest = turns - whole > 0.5 ? whole + 1 : whole;
        out(j) = static_cast<typename Y::value_type>(value - period * nearest);
      });
}

}  // namespace misfit
