// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/solver.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::detail {

/// The number of vectors of the size of x in a ConjugateGradientsWorkspace.
inline constexpr std::size_t conjugate_gradients_vectors = 4;

/// Four vectors of the shape of x, one behind the other in `memory`, and what is known of each of
/// its signals.
template <typename X>
struct ConjugateGradientsWorkspace {
  using T = typename X::non_const_value_type;
  using Shaped =
      std::conditional_t<is_batch<X>,
                         Kokkos::View<T**, Kokkos::LayoutRight, typename X::memory_space>,
                         Vector<T, typename X::memory_space>>;
  struct Signal {
    double norm = 0;  ///< of the right-hand side, 2^up times
    double rho = 0;   ///< |residual|², 4^up times
    int up = 0;       ///< residual and p are kept 2^up times as long
    bool done = false;
  };

  /// May throw, for want of memory; the rest does not.
  template <typename Memory>
  ConjugateGradientsWorkspace(const Memory& memory, const X& x)
      : rhs(at(memory, x, 0)),
        residual(at(memory, x, 1)),
        p(at(memory, x, 2)),
        q(at(memory, x, 3)),
        signals(batch_size(x)),
        results(batch_size(x)),
        order(batch_size(x)) {
    std::iota(order.begin(), order.end(), std::size_t{0});
  }

  /// The first `count` signals of `view`.
  static Shaped first(const Shaped& view, std::size_t count) {
    if constexpr (is_batch<X>)
      return Shaped(view.data(), count, view.extent(1));
    else
      return view;
  }

  Shaped rhs, residual, p, q;
  std::vector<Signal> signals;
  std::vector<SolverResult> results;
  std::vector<std::size_t> order;  ///< whose residual and p stand in each row

 private:
  template <typename Memory>
  static Shaped at(const Memory& memory, const X& x, std::size_t k) {
    auto* data = memory.data() + k * x.size();
    if constexpr (is_batch<X>)
      return Shaped(data, x.extent(0), x.extent(1));
    else
      return Shaped(data, x.extent(0));
  }
};

/// What the solver of one signal, or of a batch, returns.
template <typename X>
using ResultFor = std::conditional_t<is_batch<X>, BatchSolverResult, SolverResult>;

template <typename X>
ResultFor<X> solver_result(std::vector<SolverResult>&& signals) {
  if constexpr (is_batch<X>) {
    BatchSolverResult all{{0, 0, true}, std::move(signals)};
    for (const SolverResult& one : all.signals) {
      all.iterations = std::max(all.iterations, one.iterations);
      if (std::isnan(one.residual) || one.residual > all.residual) all.residual = one.residual;
      all.converged = all.converged && one.converged;
    }
    return all;
  } else {
    return signals.front();
  }
}

/// Solves M x = rhs for a Hermitian positive semi-definite M, from the x given, until
/// |rhs − M x| ≤ tolerance |rhs|, for each signal by itself; where rhs = 0, relatively to the
/// residual of the x given. x is NaN where that is no number. Blocks.
///
/// The residual is the method's own, which it brings up to date and does not compute anew: where M
/// is ill-conditioned and the tolerance near rounding, rhs − M x is some times as long.
///
/// `apply(p, q)` sets q = M p for some of the signals of the batch, each of which M treats alike: a
/// signal that has converged, or cannot go on, is left alone while the others go on.
///
/// (M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear systems",
/// 1952.)
template <typename Exec, typename X>
class ConjugateGradients {
  using Workspace = ConjugateGradientsWorkspace<X>;

 public:
  ConjugateGradients(const Exec& exec, const DomainVectors& domain, Workspace& workspace,
                     const X& x, const SolverOptions& options)
      : exec_(exec),
        domain_(domain),
        w_(workspace),
        x_(x),
        options_(options),
        active_(batch_size(x)) {}

  /// Of a std::ref, so that it takes no memory: ranks have agreed.
  using Apply = std::function<void(const X& p, const X& q)>;

  ResultFor<X> solve(const Apply& apply) {
    begin(apply);
    for (int iteration = 0; active_ > 0 && iteration < options_.max_iterations; ++iteration) {
      apply(w_.first(w_.p, active_), w_.first(w_.q, active_));
      for (std::size_t row = 0; row < active_; ++row) step(row);
      drop_those_done();
    }
    return solver_result<X>(std::move(w_.results));
  }

 private:
  void begin(const Apply& apply) {
    const auto r = all_signals(w_.residual), p = all_signals(w_.p);
    copy(exec_, all_signals(x_), p);
    apply(w_.p, w_.q);
    axpby(exec_, 1, all_signals(w_.rhs), 0, r);
    axpby(exec_, -1, all_signals(w_.q), 1, r);
    for (std::size_t b = 0; b < active_; ++b) {
      scale(b);
      // Of a right-hand side of 0 the residual counts relatively to that of the start.
      if (w_.signals[b].norm == 0) w_.signals[b].norm = std::sqrt(w_.signals[b].rho);
      judge(b);
    }
    copy(exec_, r, p);
    drop_those_done();
  }

  /// Measures signal b, and brings its residual to a length of about 1, so that squares and
  /// products by M stay in range. A power of two changes no digit.
  void scale(std::size_t b) {
    using R = Real<typename X::non_const_value_type>;
    constexpr int most = std::numeric_limits<R>::max_exponent - 8;
    const auto rhs = signal(w_.rhs, b), residual = signal(w_.residual, b);
    double of_rhs = domain_.dot(exec_, rhs, rhs);
    double of_residual = domain_.dot(exec_, residual, residual);
    auto& own = w_.signals[b];
    if constexpr (std::is_same_v<R, double>) {
      const double larger = std::max(of_rhs, of_residual);
      if (!(larger > 1e-200 && larger < 1e200)) {  // squares have lost digits, or may have
        own.up = larger < 1 ? most / 2 : -most / 2;
        const double factor = std::ldexp(1.0, own.up);
        axpby(exec_, factor, rhs, 0, rhs);
        axpby(exec_, factor, residual, 0, residual);
        of_rhs = domain_.dot(exec_, rhs, rhs);
        of_residual = domain_.dot(exec_, residual, residual);
      }
    }
    const double length = std::sqrt(std::max(of_rhs, of_residual));
    const bool has_length = length > 0 && std::isfinite(length);
    const int more = has_length ? std::clamp(-std::ilogb(length), -most, most) : 0;
    if (more != 0) axpby(exec_, std::ldexp(1.0, more), residual, 0, residual);
    own.up += more;
    own.norm = std::ldexp(std::sqrt(of_rhs), more);
    own.rho = std::ldexp(of_residual, 2 * more);
  }

  /// One iteration of the signal in `row`.
  void step(std::size_t row) {
    const std::size_t b = w_.order[row];
    auto& own = w_.signals[b];
    const auto p = signal(w_.p, row), q = signal(w_.q, row), r = signal(w_.residual, row);
    const double curvature = domain_.dot(exec_, p, q);
    if (!(curvature > 0)) {
      own.done = true;  // the rest of the residual lies in the null space of M, or is NaN
      return;
    }
    const double alpha = own.rho / curvature, previous = own.rho;
    axpby(exec_, std::ldexp(alpha, -own.up), p, 1, signal(x_, b));
    axpby(exec_, -alpha, q, 1, r);
    own.rho = domain_.dot(exec_, r, r);
    axpby(exec_, 1, r, own.rho / previous, p);
    ++w_.results[b].iterations;
    judge(b);
  }

  void judge(std::size_t b) {
    auto& own = w_.signals[b];
    SolverResult& result = w_.results[b];
    result.residual = own.norm == 0             ? 0
                      : std::isfinite(own.norm) ? std::sqrt(own.rho) / own.norm
                                                : std::numeric_limits<double>::quiet_NaN();
    result.converged = result.residual <= options_.tolerance;
    own.done = result.converged || !std::isfinite(result.residual);
    using T = typename X::non_const_value_type;
    if (std::isnan(result.residual))  // no finite answer, not in a part of x either
      fill(exec_, T(std::numeric_limits<Real<T>>::quiet_NaN()), signal(x_, b));
  }

  /// Brings the rows of the signals that go on to the front.
  void drop_those_done() {
    for (std::size_t row = active_; row-- > 0;) {
      if (!w_.signals[w_.order[row]].done) continue;
      const std::size_t last = --active_;
      if (row == last) continue;
      copy(exec_, signal(w_.residual, last), signal(w_.residual, row));
      copy(exec_, signal(w_.p, last), signal(w_.p, row));
      std::swap(w_.order[row], w_.order[last]);
    }
  }

  const Exec& exec_;
  const DomainVectors domain_;
  Workspace& w_;
  const X& x_;
  SolverOptions options_;
  std::size_t active_;  ///< the signals that go on
};

#define MISFIT_CONJUGATE_GRADIENTS(prefix, Exec, T)          \
  prefix template class ConjugateGradients<Exec, Vector<T>>; \
  prefix template class ConjugateGradients<                  \
      Exec, Kokkos::View<T**, Kokkos::LayoutRight, Exec::memory_space>>;
MISFIT_FOR_SCALARS(MISFIT_CONJUGATE_GRADIENTS, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
