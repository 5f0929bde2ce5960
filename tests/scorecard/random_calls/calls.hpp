// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Each call of a sequence, for signals in one layout; those at a point are in point_calls.hpp.

#include "scorecard/random_calls/objects.hpp"

#include <cmath>

namespace misfit::test::random_calls {

template <typename Layout, typename Objects>
struct Calls {
  using T = typename Objects::T;
  using Input = typename Layout::Input;
  using Output = typename Layout::Output;
  using Measured = typename Layout::Measured;

  const Objects& o;
  const CallSpec& call;
  Outcome& outcome;
  const Exec exec{};

  Output signals(int point) const {
    const std::size_t more = planted.fault == Fault::x_size ? 1 : 0;
    const Output x = Layout::make(static_cast<std::size_t>(o.c.signals()), o.piece.size() + more);
    set(x, o.problem.x(point), o.unknowns, o.piece);
    if (planted.fault == Fault::x_not_finite && !o.piece.empty())
      at(x, signal(), static_cast<std::size_t>(planted.choice) % o.piece.size()) =
          T(planted.choice % 2 == 0 ? NAN : INFINITY);
    return x;
  }
  std::size_t signal() const {
    return static_cast<std::size_t>(planted.choice) % static_cast<std::size_t>(o.c.signals());
  }
  Output output(const Output& x) const {
    if (planted.fault == Fault::shared) return x;
    const std::size_t more = planted.fault == Fault::output_size ? 1 : 0;
    const Output g = Layout::make(static_cast<std::size_t>(o.c.signals()), o.piece.size() + more);
    Kokkos::deep_copy(g, T(77));
    return g;
  }
  std::vector<Measured> list() const { return o.template list<Measured>(call.point % 2 == 0); }

  void run() const {
    const bool other = planted.fault == Fault::other_call;
    switch (call.name) {
      case Name::fn:
        return other ? grad() : fn();
      case Name::grad:
        return other ? fn() : grad();
      case Name::both:
        return other ? fn() : both();
      case Name::some_fn:
      case Name::some_grad:
      case Name::some_both:
        return other ? fn() : some();
      case Name::adjoint:
      case Name::vjp:
      case Name::normal:
        return to_domain();
      default:
        break;
    }
    if (call.name == Name::prox) return solve();
    if constexpr (!Objects::shared) of_whole();
  }

  void some() const {
    const Output x = signals(call.point), g = output(x);
    const Subset subset = o.subset(call.point);
    const auto y = list();
    const auto& f = o.distances();
    if (call.name == Name::some_fn) append(f.fn(exec, Input(x), y, *o.operators, subset), outcome);
    if (call.name == Name::some_grad) f.grad(exec, Input(x), y, *o.operators, g, subset);
    if (call.name == Name::some_both)
      append(f.fn_and_grad(exec, Input(x), y, *o.operators, g, subset), outcome);
    if (call.name != Name::some_fn) append(g, outcome);
  }
  void fn() const {
    append(o.distances().fn(exec, Input(signals(call.point)), list(), *o.operators), outcome);
  }
  void grad() const {
    const Output x = signals(call.point), g = output(x);
    o.distances().grad(exec, Input(x), list(), *o.operators, g);
    append(g, outcome);
  }
  void both() const {
    const Output x = signals(call.point), g = output(x);
    append(o.distances().fn_and_grad(exec, Input(x), o.template measurements<Measured>(),
                                     *o.operators, g),
           outcome);
    append(g, outcome);
  }
  void to_domain() const {
    const Output x = signals(call.point), g = output(x);
    if (call.name == Name::adjoint) o.operators->adjoint(exec, list(), g);
    if (call.name == Name::vjp) o.operators->vjp(exec, Input(x), list(), g);
    if (call.name == Name::normal) o.operators->normal(exec, Input(x), g);
    append(g, outcome);
  }

  void of_whole() const {
    if (call.name == Name::local) return local();
    if (call.name == Name::forward) return forward();
    if (call.name == Name::norm) return norm();
    if (call.name == Name::bound)
      return append(o.operators->template norm_squared_bound<T>(exec), outcome);
    if (call.name == Name::least_squares) solve();
  }
  void local() const {
    const Output x = signals(call.point), g = output(x);
    auto values =
        as_list(o.distances().fn_and_grad(exec, Input(x), list(), *o.operators, g, Scope::local));
    o.world.sum(values.data(), values.size());
    append(values, outcome);
    const auto copy = RightBatch<T>::make(signals_in(g), entries_in(g));
    for (std::size_t b = 0; b < signals_in(g); ++b)
      for (std::size_t j = 0; j < entries_in(g); ++j) copy(b, j) = at(g, b, j);
    o.world.all_reduce_sum(exec, copy);
    append(copy, outcome);
  }
  static std::vector<double> as_list(double value) { return {value}; }
  static std::vector<double> as_list(std::vector<double> values) { return values; }
  void forward() const {
    std::vector<Measured> y;
    for (int i = 0; i < o.c.operators; ++i)
      y.push_back(o.template make_view<Measured>(o.problem.matrix(i).rows));
    o.operators->forward(exec, Input(signals(call.point)), y, Scope::global);
    for (const auto& view : y) append(view, outcome);
  }
  // Options that are wrong, or other ones, on some ranks.
  int iterations() const {
    if (planted.fault == Fault::bad_option) return -1;
    return planted.fault == Fault::other_option ? 300 : 400;
  }
  void norm() const {
    const auto result = o.operators->template norm_squared<T>(
        exec, {.tolerance = 1e-3, .max_iterations = iterations()});
    outcome.values = {result.value, result.converged ? 1.0 : 0.0};
  }
  static constexpr double tolerance = sizeof(detail::Real<T>) == 4 ? 1e-3 : 1e-8;
  void append_residuals(const SolverResult& ended) const { append(ended.residual, outcome); }
  void append_residuals(const BatchSolverResult& ended) const {
    for (const SolverResult& one : ended.signals) append_residuals(one);
  }
  void solve() const {
    const Output v = signals(call.point), x = output(v);
    if (call.name == Name::prox) {
      // That of the dual problem says less of x.
      const double wanted = is_quadratic(o.c) ? tolerance : 1e-3 * tolerance;
      const auto ended =
          o.distances().prox(exec, 0.5, Input(v), o.template measurements<Measured>(), *o.operators,
                             x, {.tolerance = wanted, .max_iterations = iterations()});
      append_residuals(ended);
    } else {
      o.operators->least_squares(
          exec, list(), x,
          {.tolerance = tolerance, .max_iterations = iterations(), .tikhonov = 0.25});
    }
    append_whole(x);
  }
  // Of pieces, all of them: each of the ranks of a member has one, and all members have the same.
  void append_whole(const Output& x) const {
    if (!o.c.is_cut()) return append(x, outcome);
    const auto all = RightBatch<T>::make(signals_in(x), o.unknowns);
    for (std::size_t b = 0; b < signals_in(x); ++b)
      for (std::size_t j = 0; j < o.piece.size(); ++j) all(b, o.piece[j]) = at(x, b, j);
    o.world.all_reduce_sum(exec, all);
    const int copies = o.copies();
    for (std::size_t j = 0; j < all.size(); ++j)
      all.data()[j] = all.data()[j] / static_cast<detail::Real<T>>(copies);
    append(all, outcome);
  }
};

}  // namespace misfit::test::random_calls
