// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/check_result.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/linearity.hpp>
#include <misfit/detail/vector_algebra.hpp>
#include <misfit/detail/vjp.hpp>
#include <misfit/distributed_operator.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit {

namespace detail {

/// The larger of two errors; NaN if one is NaN.
inline double worse(double a, double b) { return std::isnan(a) || a > b ? a : b; }

/// |part| / whole, and 0 where both are 0.
inline double relative(double part, double whole) {
  return part == 0 && whole == 0 ? 0.0 : std::abs(part) / whole;
}

/// The scalar type of A x for signals of `T`: that of x, unless A takes them to real numbers only.
template <typename Op, typename T, typename Exec>
using MeasurementOf = std::conditional_t<Operator<Op, T, T, Exec>, T, Real<T>>;

/// |g − g0 − h| / (|g0| + |h|), where g is g0 after the adjoint was added to it, and h is 0 after
/// that.
template <typename Exec, typename V>
double accumulation_error(const Exec& exec, const V& g, const V& g0, const V& h) {
  const double scale = std::sqrt(dot(exec, g0, g0)) + std::sqrt(dot(exec, h, h));
  axpby(exec, -1, g0, 1, g);
  axpby(exec, -1, h, 1, g);
  return relative(std::sqrt(dot(exec, g, g)), scale);
}

/// J(x) h ≈ (A(x + t h) − A(x − t h)) / (2t), into `result`. `work` has the sizes of x and A x.
template <typename Exec, typename Op, typename X, typename Y>
void central_difference(const Exec& exec, const Op& op, const X& x, const X& h, double t,
                        const X& work_x, const Y& work_y, const Y& result) {
  axpby(exec, 1, x, 0, work_x);
  axpby(exec, t, h, 1, work_x);
  op.apply(exec, as_const_view(work_x), result);
  axpby(exec, -2 * t, h, 1, work_x);
  op.apply(exec, as_const_view(work_x), work_y);
  axpby(exec, -0.5 / t, work_y, 0.5 / t, result);
}

}  // namespace detail

/// Checks that the adjoint of `op` is exact and is added to what was there.
///
/// The error is the largest over random x, y of |Re⟨A x, y⟩ − Re⟨x, A^H y⟩| / (‖A‖ |x| |y|), or of
/// |g − g0 − A^H y| / (|g0| + |A^H y|), where g is g0 after apply_adjoint. The tolerance is 1e-13
/// in double and 1e-6 in float. An operator that is not linear is checked at `x`: ⟨J(x) h, r⟩ by
/// central differences of apply against ⟨h, J(x)^H r⟩, at a tolerance of 1e-7 and 2e-3. Blocks.
template <ExecutionSpace Exec, typename Op, VectorOn<Exec> X>
CheckResult check_adjoint(const Exec& exec, const Op& op, const X& x) {
  using T = typename X::non_const_value_type;
  using V = Vector<T, typename X::memory_space>;
  using U = Vector<detail::MeasurementOf<Op, T, Exec>, typename X::memory_space>;
  const bool linear = detail::is_linear_on<Exec, V>(op);
  constexpr bool single = std::is_same_v<detail::Real<T>, float>;
  const std::size_t n = op.domain_size(), m = op.range_size();
  const V at("misfit::check_adjoint::at", n), h("misfit::check_adjoint::h", n),
      g("misfit::check_adjoint::g", n), g0("misfit::check_adjoint::g0", n),
      adjoint("misfit::check_adjoint::adjoint", n);
  const U r("misfit::check_adjoint::r", m), forward("misfit::check_adjoint::forward", m),
      work("misfit::check_adjoint::work", m);
  Kokkos::deep_copy(exec, at, x);

  CheckResult result{0, linear ? (single ? 1e-6 : 1e-13) : (single ? 2e-3 : 1e-7)};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    detail::fill_random(exec, h, seed);
    detail::fill_random(exec, r, seed + 100);
    detail::fill_random(exec, g0, seed + 200);
    Kokkos::deep_copy(exec, g, g0);
    Kokkos::deep_copy(exec, adjoint, T(0));
    detail::add_vjp(op, exec, detail::as_const_view(at), detail::as_const_view(r), g);
    detail::add_vjp(op, exec, detail::as_const_view(at), detail::as_const_view(r), adjoint);

    const double right = detail::dot(exec, h, adjoint);
    const double length_h = std::sqrt(detail::dot(exec, h, h));
    const double length_r = std::sqrt(detail::dot(exec, r, r));
    const auto error_of = [&] {
      const double left = detail::dot(exec, forward, r);
      const double norm = std::max(std::sqrt(detail::dot(exec, forward, forward)) / length_h,
                                   std::sqrt(detail::dot(exec, adjoint, adjoint)) / length_r);
      return detail::relative(left - right, norm * length_h * length_r);
    };
    if (linear) {
      op.apply(exec, detail::as_const_view(h), forward);
      result.error = detail::worse(error_of(), result.error);
    } else {
      // Truncation falls and rounding grows with shorter steps: the best of several counts.
      const double scale = std::sqrt(detail::dot(exec, at, at)) / length_h;
      double best = std::nan("");
      for (double t = 1e-1; t > 1e-7; t /= 10) {
        detail::central_difference(exec, op, at, h, t * (scale > 0 ? scale : 1), g0, work, forward);
        const double error = error_of();
        if (!(best <= error)) best = error;
      }
      result.error = detail::worse(best, result.error);
      detail::fill_random(exec, g0, seed + 200);
    }
    result.error = detail::worse(detail::accumulation_error(exec, g, g0, adjoint), result.error);
  }
  return result;
}

/// The same for signals of type `T`, at a random x.
template <Scalar T = double, ExecutionSpace Exec, typename Op>
CheckResult check_adjoint(const Exec& exec, const Op& op) {
  Vector<T, typename Exec::memory_space> x("misfit::check_adjoint::x", op.domain_size());
  detail::fill_random(exec, x, 1000);
  return check_adjoint(exec, op, x);
}

/// Checks every operator of every rank, then the adjoint of the whole stack with its sum over
/// ranks.
///
/// Collective; every rank gets the same result: that of the worst operator, or of the whole.
/// Blocks.
template <Scalar T = double, ExecutionSpace Exec, typename Op>
CheckResult check_adjoint(const Exec& exec, const DistributedOperator<Op>& operators) {
  using V = Vector<T, typename Exec::memory_space>;
  using U = Vector<detail::MeasurementOf<Op, T, Exec>, typename Exec::memory_space>;
  constexpr double rounding = std::is_same_v<detail::Real<T>, float> ? 1e-6 : 1e-13;
  const auto n = static_cast<std::size_t>(operators.size());
  V x, g;
  // Of this rank: errors and tolerances by operator, and last Σ Re⟨x, J_i^H r_i⟩.
  std::vector<double> local;
  std::vector<U> r;
  operators.communicator().together({"check_adjoint", {}}, [&](detail::Place& place) {
    x = V("misfit::check_adjoint::x", operators.domain_size());
    g = V("misfit::check_adjoint::g", operators.domain_size());
    detail::fill_random(exec, x, 1000);
    local.assign(2 * n + 1, 0.0);
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k) {
      const int i = operators.local_indices()[k];
      place.operator_index = i;
      const auto& op = operators.local_operator(k);
      const CheckResult checked = check_adjoint(exec, op, x);
      local[static_cast<std::size_t>(i)] = checked.error;
      local[n + static_cast<std::size_t>(i)] = checked.tolerance;
      r.emplace_back("misfit::check_adjoint::r", op.range_size());
      detail::fill_random(exec, r.back(), static_cast<std::uint64_t>(i) + 2000);
      Kokkos::deep_copy(exec, g, T(0));
      detail::add_vjp(op, exec, detail::as_const_view(x), detail::as_const_view(r.back()), g);
      local[2 * n] += detail::dot(exec, x, g);
    }
  });
  operators.vjp(exec, x, r, g);
  operators.communicator().sum(local.data(), local.size());

  const double lengths = std::sqrt(detail::dot(exec, x, x)) * std::sqrt(detail::dot(exec, g, g));
  CheckResult worst{detail::relative(detail::dot(exec, x, g) - local[2 * n], lengths), rounding};
  for (std::size_t i = 0; i < n; ++i) {
    const CheckResult one{local[i], local[n + i], static_cast<int>(i)};
    if (worst.passed() && (!one.passed() || one.error > worst.error)) worst = one;
  }
  return worst;
}

}  // namespace misfit
