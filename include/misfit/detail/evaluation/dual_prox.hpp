// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/accumulate.hpp>
#include <misfit/detail/evaluation/check_arguments.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/solvers/dual_step.hpp>
#include <misfit/detail/solvers/lanczos.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>
#include <misfit/solver.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::detail {

/// argmin_x γ f(x) + ½ |x − v|² for linear operators and convex distances that have a prox of their
/// own, by the accelerated gradient method on the dual problem
///
///     min_p ½ |v − A^H p|² + F*(p),   x = v − A^H p,   F(z) = γ R_i d_i(z_i, y_i),
///
/// with A all operators one above the other. Each step takes the prox of every distance at z + L q,
/// u, by which p = z + L q − u over L lies in the subdifferential of F at u: x is the exact
/// solution for an A x shifted to u (A. Beck and M. Teboulle, "A fast dual proximal gradient
/// algorithm for convex minimization and applications", 2014). L, of ‖A‖², is found on the way.
///
/// For one signal at a time. An iteration takes each operator and its adjoint once.
template <typename Exec, typename T, typename Y, typename Op, typename D>
class DualProx {
  using Space = typename Exec::memory_space;
  using U = typename MeasurementView<Y>::non_const_value_type;
  using Signal = Vector<T, Space>;
  using ConstSignal = Vector<const T, Space>;
  using Measurement = Vector<U, Space>;

 public:
  DualProx(const Exec& exec, const DistanceStack<D>& distances, const OperatorStack<Op>& operators,
           double gamma)
      : exec_(exec),
        distances_(distances),
        operators_(operators),
        factor_(gamma * distances.factor(operators.size())) {}

  /// Takes the memory for signals like `v`. Inside of agreed work.
  template <typename V>
  void reserve(const V& v, const Y& y, ErrorContext& context) {
    require_whole_measurements<D, U>(operators_);
    data_ = check_data<U>(exec_, distances_, y, operators_, batch_size(v), false, context).data();
    offsets_.assign(1, 0);
    for (const Op& op : operators_.local_operators())
      offsets_.push_back(offsets_.back() + op.range_size());
    // Of each operator, or of all.
    sums_.resize((tree_memory() != nullptr ? static_cast<std::size_t>(operators_.size()) : 1) *
                 DualSums().values.size());
    const std::size_t n = signal_size(v), m = offsets_.back();
    auto& memory = distances_.memory();
    T* x = memory.solver
               .template get<T, Space>(3 * n, "misfit::DistributedDataFidelity::solver_workspace")
               .data();
    for (Signal* each : {&x_, &next_x_, &at_q_}) *each = Signal(std::exchange(x, x + n), n);
    U* p =
        memory.dual.template get<U, Space>(7 * m, "misfit::DistributedDataFidelity::dual_workspace")
            .data();
    for (Measurement* each : {&p_, &next_p_, &q_, &z_, &next_z_, &z_at_q_, &u_})
      *each = Measurement(std::exchange(p, p + m), m);
  }

  /// Sets `result` to that of signal b of the data. `result` may be `v`. Collective; blocks.
  template <typename V>
  SolverResult solve(const V& v, std::size_t b, const Signal& result,
                     const SolverOptions& options) {
    SolverResult ended;
    DualStep step(curvature());
    const double at_start = start(v);
    while (ended.iterations < options.max_iterations) {
      DualSums sums = take_step(v, b, step.curvature());
      ++ended.iterations;
      ended.residual = residual(sums, step.curvature(), at_start);
      ended.converged = ended.residual <= options.tolerance;
      if (ended.converged || std::isnan(ended.residual)) break;
      if (!step.accept(sums.step(), sums.moved(), rounding * sums.length())) continue;
      const double beta = step.momentum(sums.turn());
      extrapolate(beta, p_, next_p_, q_);
      extrapolate(beta, z_, next_z_, z_at_q_);
      extrapolate(beta, x_, next_x_, at_q_);
    }
    copy(exec_, next_x_, result);
    if (std::isnan(ended.residual))
      fill(exec_, T(std::numeric_limits<Real<T>>::quiet_NaN()), result);
    return ended;
  }

  /// sum += A^H next_p of the k-th operator of this rank, with next_p of a step from q. Public for
  /// nvcc.
  void add_adjoint_of_step(std::size_t k, std::size_t b, double curvature, const Signal& sum) {
    const auto next = part(next_p_, k), u = part(u_, k);
    const std::size_t m = next.extent(0);
    axpby(exec_, 1, part(z_at_q_, k), 0, next);
    axpby(exec_, curvature, part(q_, k), 1, next);
    const double gamma = nearest_positive(factor_ * curvature);
    misfit::prox(exec_, distances_[k], gamma, as_const_view(next),
                 Vector<const U, Space>(data_[k].entries + b * m, m), u);
    axpby(exec_, -1 / curvature, u, 1 / curvature, next);
    add_adjoint(operators_.local_operators()[k], next, sum);
  }

 private:
  // Of |x|², what a difference of two that are computed in T may be.
  static constexpr double rounding =
      1e6 * std::numeric_limits<Real<T>>::epsilon() * std::numeric_limits<Real<T>>::epsilon();

  // |A x − u| / max(|A x|, |u|, |A v|), NaN where squares overflow; 0 where roundings of A x are as
  // much, for an x that is what is left of v. `at_start`: |A v|².
  static double residual(DualSums& sums, double curvature, double at_start) {
    constexpr double few = 4 * static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
    const double size = std::max({sums.predicted(), sums.shifted(), at_start});
    if (!std::isfinite(size)) return std::numeric_limits<double>::quiet_NaN();
    if (sums.residual() <= few * few * curvature * sums.taken()) return 0;
    return std::sqrt(sums.residual() / size);
  }

  Measurement part(const Measurement& all, std::size_t k) const {
    return Measurement(all.data() + offsets_[k], offsets_[k + 1] - offsets_[k]);
  }

  void add_adjoint(const Op& op, const Measurement& r, const Signal& g) const {
    if constexpr (LinearOperator<Op, T, U, Exec>)
      op.add_adjoint(exec_, as_const_view(r), g);
    else
      Linearized<Op, T, U, Exec>::add_jacobian_adjoint(exec_, op, {}, as_const_view(r), g);
  }

  // An estimate of ‖A‖², from below: |A^H A s|² / |A s|² of a random s.
  double curvature() {
    const auto domain = operators_.domain_vectors(x_);
    fill_start(exec_, domain, x_, 1);
    const double squares = apply_and_square(x_, z_);
    adjoint([&](std::size_t k, const Signal& sum) {
      add_adjoint(operators_.local_operators()[k], part(z_, k), sum);
    });
    return squares > 0 ? domain.dot(exec_, next_x_, next_x_) / squares : 0;
  }

  // z = A x. Returns |z|².
  double apply_and_square(const Signal& x, const Measurement& z) {
    DualSums sums = apply(
        x, z,
        [&](std::size_t first, std::size_t m, DualSums& own) {
          const Measurement part(z.data() + first, m);
          own.predicted() = dot(exec_, part, part);
        },
        [] {});
    return sums.predicted();
  }

  // p = q = 0, for which x = v. Returns |A v|².
  template <typename V>
  double start(const V& v) {
    fill(exec_, U(0), p_);
    fill(exec_, U(0), q_);
    copy(exec_, v, x_);
    copy(exec_, v, at_q_);
    copy(exec_, v, next_x_);
    const double squares = apply_and_square(x_, z_);
    copy(exec_, z_, z_at_q_);
    return squares;
  }

  // next_p from q, and its x, z and u.
  template <typename V>
  DualSums take_step(const V& v, std::size_t b, double curvature) {
    adjoint([&](std::size_t k, const Signal& sum) { add_adjoint_of_step(k, b, curvature, sum); });
    axpby(exec_, 1, v, -1, next_x_);
    const DualSums sums = apply(
        next_x_, next_z_,
        [&](std::size_t first, std::size_t m, DualSums& own) {
          add_dual_sums<Exec, U>(exec_, m, next_z_.data() + first, u_.data() + first,
                                 q_.data() + first, next_p_.data() + first, p_.data() + first, own);
        },
        [&] { add_sums_of_step(v); });
    distances_.count_pass(operators_.size(), operators_.size());
    return sums;
  }

  // out = next + beta (next − last), and next becomes the last.
  template <typename V>
  void extrapolate(double beta, V& last, V& next, const V& out) {
    axpby(exec_, 1 + beta, next, 0, out);
    if (beta != 0) axpby(exec_, -beta, last, 1, out);
    copy(exec_, next, last);
  }

  Call call() const {
    return Call("prox", {{"n", operators_.size()},
                         {"the number of unknowns", operators_.agreed_unknowns(x_)},
                         {"the tag of the scalar type", type_tag<Signal>()},
                         {"the reduction", static_cast<std::int64_t>(distances_.reduction())},
                         {"the kind of sum", static_cast<std::int64_t>(distances_.sum())}});
  }

  TreeMemory* tree_memory() const { return distances_.tree_memory(operators_.size()); }

  // z = A x. Returns the sums over the ranks of what `sum(first, m, own)` adds to `own` for the m
  // entries of measurements from `first` on, and of what `also()` adds to sums_.
  template <typename Sum, typename Also>
  DualSums apply(const Signal& x, const Measurement& z, const Sum& sum, const Also& also) {
    PieceCall<Exec, T> pieces(exec_, operators_.pieces(), 1);
    if (operators_.in_pieces())
      operators_.calls().together(call(), [&](ErrorContext&) { pieces.pack_input(x.data()); });
    const auto work = [&](ErrorContext& context) {
      ConstSignal input = x;
      if (operators_.in_pieces()) {
        pieces.exchange();
        input = ConstSignal(pieces.input(), operators_.local_domain_size(x));
      }
      operators_.for_each_local(
          context, [&](std::size_t k, const Op& op) { op.apply(exec_, input, part(z, k)); });
      std::fill(sums_.begin(), sums_.end(), 0.0);
      if (tree_memory() != nullptr)
        for (std::size_t k = 0; k + 1 < offsets_.size(); ++k) {
          const auto i = static_cast<std::size_t>(operators_.local_indices()[k]);
          sum_of_operators(offsets_[k], offsets_[k + 1] - offsets_[k], i, sum);
        }
      else
        sum_of_operators(0, offsets_.back(), 0, sum);
      also();
    };
    operators_.calls().sum_together(call(), work, sums_);
    DualSums total;
    for (std::size_t k = 0; k < sums_.size(); ++k)
      total.values[k % total.values.size()] += sums_[k];
    return total;
  }
  // Of m entries of measurements from `first` on: the i-th of sums_.
  template <typename Sum>
  void sum_of_operators(std::size_t first, std::size_t m, std::size_t i, const Sum& sum) {
    DualSums own;
    sum(first, m, own);
    std::copy(own.values.begin(), own.values.end(),
              sums_.begin() + static_cast<std::ptrdiff_t>(i * own.values.size()));
  }
  // Of next_x, which other ranks may have too: all decide by sums, so that none goes on alone.
  template <typename V>
  void add_sums_of_step(const V& v) {
    const Communicator* const same = operators_.ranks_of_same_x();
    if (same != nullptr && same->rank() != 0) return;
    DualSums own;
    own.moved() = squared_distance<Exec, T>(exec_, next_x_.extent(0), next_x_.data(), at_q_.data());
    own.length() = dot(exec_, next_x_, next_x_) + dot(exec_, v, v);
    own.taken() = squared_distance<Exec, T>(exec_, next_x_.extent(0), next_x_.data(), v.data());
    for (std::size_t k = 0; k < own.values.size(); ++k) sums_[k] += own.values[k];
  }

  // next_x = the sum over the operators of what `add(k, sum)` adds for the k-th of this rank.
  template <typename Add>
  void adjoint(const Add& add) {
    Accumulation<Exec, NoSignals, Signal, Op>{exec_,    operators_, "misfit::prox", {},
                                              "result", next_x_,    Scope::global}
        .run_by_operators(
            tree_memory(), [](ErrorContext&) {},
            [&](NoSignals, const auto& sum) { fill(exec_, T(0), sum); },
            [&](std::size_t k, NoSignals, const auto& sum) { add(k, sum); }, [](ErrorContext&) {});
  }

  const Exec& exec_;
  const DistanceStack<D>& distances_;
  const OperatorStack<Op>& operators_;
  double factor_;  // of all distances
  const DataOf<U>* data_ = nullptr;
  std::vector<std::size_t> offsets_;  // of the measurements of this rank's operators
  std::vector<double> sums_;
  Signal x_, next_x_, at_q_;  // of p, next_p and q
  Measurement p_, next_p_, q_, z_, next_z_, z_at_q_, u_;
};

}  // namespace misfit::detail
