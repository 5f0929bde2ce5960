// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/argument_types.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/fidelity_calls.hpp>
#include <misfit/detail/evaluation/prox.hpp>
#include <misfit/detail/views/missing_exec.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/linearization.hpp>
#include <misfit/solver.hpp>
#include <misfit/subset.hpp>

#include <concepts>
#include <cstddef>
#include <utility>

namespace misfit {

/// f(x) = R_i d_i(A_i x, y_i) and its gradient R_i J_i(x)^H ∇d_i(A_i x, y_i), over operators that
/// are spread over ranks; R is the sum over i, or the mean: 1/n of it, with n the operators of all
/// ranks.
///
/// In all calls: `x` has shape (n_x), or (B, n_x) for B signals at once, and is the same on every
/// rank, or the rank's piece where the domain of the operators is in pieces. `y` is a list of Views
/// of shape (m_i) or (B, m_i): made by DistributedOperator::measurements(), or this rank's, or all
/// n, of which only this rank's are read. Values are double, one per signal: a double, or a
/// std::vector<double> for a batch.
///
/// Views may have any layout (SignalsOn); those that are not contiguous signal by signal are copied
/// in every call, measurements made by measurements() only once. Outputs may not share memory with
/// inputs, unless it is said.
///
/// With Scope::global a call is collective and every rank gets the same result; an error of one
/// rank is thrown on all, and the object can be used again. With Scope::local there is no
/// communication, unless the domain is in pieces: the result is this rank's share, and the shares
/// sum to the global result under both reductions. All calls block. An x that is not finite never
/// gives a finite value or gradient. After the first call with the same shapes nothing is allocated
/// by Views. One object is not used from two threads, nor on two instances, at once; a copy may be,
/// with operators of its own. An object that was moved from throws ArgumentError in every call.
template <typename D>
class DistributedDataFidelity : private detail::CallsWithoutExec {
  static_assert(!std::invocable<const D&, int> && !std::invocable<const D&, int, std::size_t>,
                "misfit: a factory of distances comes with the operators it is for: "
                "DistributedDataFidelity(operators, factory)");

 public:
  /// The type of d_i.
  using distance_type = D;

  /// One distance for all operators. Not collective.
  explicit DistributedDataFidelity(D distance, Reduction reduction = Reduction::sum,
                                   Sum sum = Sum::run_to_run)
      : internals_(std::move(distance), reduction, sum) {}

  /// One distance per operator: factory(i), or factory(i, k), for each operator i that this rank
  /// owns of `operators`, the k-th of its own; or factory(i, rows) where operators are in parts, as
  /// in DistributedOperator::measurements().
  ///
  /// Collective. Throws on every rank what factory(i) throws on one: its own misfit::Error, or
  /// CallbackError.
  template <typename Op, detail::Factory Factory>
  DistributedDataFidelity(const DistributedOperator<Op>& operators, Factory&& factory,
                          Reduction reduction = Reduction::sum, Sum sum = Sum::run_to_run)
      : internals_(detail::Internals::of(operators), std::forward<Factory>(factory), reduction,
                   sum) {}

  /// Whether it is the sum or the mean over operators.
  Reduction reduction() const noexcept { return internals_.reduction(); }
  /// What its results have the same bits for.
  Sum sum() const noexcept { return internals_.sum(); }

  /// Frees the memory that calls keep to work in. The next call allocates again. Not collective.
  /// See DistributedOperator::clear_caches(), which frees the copies of y.
  void clear_caches() const { internals_.clear_caches(); }

  using CallsWithoutExec::at;
  using CallsWithoutExec::fn;
  using CallsWithoutExec::fn_and_grad;
  using CallsWithoutExec::grad;
  using CallsWithoutExec::prox;

  /// f(x). +∞ outside the domain of a distance.
  ///
  /// Throws ArgumentError if a size differs or a call differs between ranks. `x` is
  /// SignalsOn<Exec>, `y` MeasurementsOn<Exec>, of one precision.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op>
  auto fn(const Exec& exec, const X& x, const Y& y, const DistributedOperator<Op>& operators,
          Scope scope = Scope::global) const {
    if constexpr (valid_input<Exec, X, Y, Op>)
      return evaluate<Quantity::value>(exec, "misfit::fn", x, y, operators, detail::NoOutput{},
                                       scope);
    else
      return 0.0;
  }

  /// Sets `gradient` = ∇f(x), of the shape of `x`; for complex x that with
  /// f(x + h) = f(x) + Re⟨∇f, h⟩ + o(h).
  ///
  /// Throws as fn(), and DomainError where a distance has no gradient; then `gradient`, which is
  /// OutputOn<Exec>, is unspecified.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op, typename G>
  void grad(const Exec& exec, const X& x, const Y& y, const DistributedOperator<Op>& operators,
            const G& gradient, Scope scope = Scope::global) const {
    if constexpr (valid_input<Exec, X, Y, Op> && valid_gradient<Exec, X, Y, Op, G>)
      evaluate<Quantity::gradient>(exec, "misfit::grad", x, y, operators, gradient, scope);
  }

  /// f(x) and `gradient` = ∇f(x) at once: each A_i is applied once and its adjoint once. As grad().
  template <ExecutionSpace Exec, typename X, typename Y, typename Op, typename G>
  auto fn_and_grad(const Exec& exec, const X& x, const Y& y,
                   const DistributedOperator<Op>& operators, const G& gradient,
                   Scope scope = Scope::global) const {
    if constexpr (valid_input<Exec, X, Y, Op> && valid_gradient<Exec, X, Y, Op, G>)
      return evaluate<Quantity::both>(exec, "misfit::fn_and_grad", x, y, operators, gradient,
                                      scope);
    else
      return 0.0;
  }

  /// Each of the three over some of the operators alone, a step of a stochastic method or of one
  /// with ordered subsets: R over `subset`, scaled as that says. Ranks that own none of them take
  /// part. With Sum::reproducible ranks agree once more.
  ///
  /// Throws as those, and ArgumentError if the subset differs between ranks, has an index that is
  /// no operator's, or one twice, or is empty where it is scaled.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op>
  auto fn(const Exec& exec, const X& x, const Y& y, const DistributedOperator<Op>& operators,
          const Subset& subset) const {
    if constexpr (valid_input<Exec, X, Y, Op>)
      return evaluate<Quantity::value>(exec, "misfit::fn", x, y, operators, detail::NoOutput{},
                                       Scope::global, &subset);
    else
      return 0.0;
  }
  /// As above.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op, typename G>
  void grad(const Exec& exec, const X& x, const Y& y, const DistributedOperator<Op>& operators,
            const G& gradient, const Subset& subset) const {
    if constexpr (valid_input<Exec, X, Y, Op> && valid_gradient<Exec, X, Y, Op, G>)
      evaluate<Quantity::gradient>(exec, "misfit::grad", x, y, operators, gradient, Scope::global,
                                   &subset);
  }
  /// As above.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op, typename G>
  auto fn_and_grad(const Exec& exec, const X& x, const Y& y,
                   const DistributedOperator<Op>& operators, const G& gradient,
                   const Subset& subset) const {
    if constexpr (valid_input<Exec, X, Y, Op> && valid_gradient<Exec, X, Y, Op, G>)
      return evaluate<Quantity::both>(exec, "misfit::fn_and_grad", x, y, operators, gradient,
                                      Scope::global, &subset);
    else
      return 0.0;
  }

  /// How often all operators, or their derivatives, were applied in all calls of this object so
  /// far, and of its linearizations: 1 for each fn, grad, fn_and_grad, at, and product with a
  /// second derivative, |S|/n over a Subset, more for a prox. Not collective.
  double data_passes() const noexcept { return internals_.data_passes(); }

  /// f at x, for all that is wanted there of value, gradient and products with its second
  /// derivative: each A_i is applied once, now. See Linearization, which borrows this fidelity and
  /// `operators`.
  ///
  /// For one value, or one value and gradient, fn() and fn_and_grad() are faster, and need no
  /// memory for A_i x. Collective; blocks. Throws as fn().
  template <ExecutionSpace Exec, typename X, typename Y, typename Op>
  auto at(const Exec& exec, const X& x, const Y& y,
          const DistributedOperator<Op>& operators) const& {
    if constexpr (valid_input<Exec, X, Y, Op>)
      return Linearization<D, Op, Exec, X, Y>(exec, internals_, detail::Internals::of(operators), x,
                                              y);
    else
      return 0.0;
  }
  /// Not of a temporary, which the linearization would outlive.
  template <ExecutionSpace Exec, typename X, typename Y, typename Op>
  auto at(const Exec&, const X&, const Y&, const DistributedOperator<Op>&) const&& {
    static_assert(!ExecutionSpace<Exec>,
                  "misfit: at() of a temporary DistributedDataFidelity, which the linearization "
                  "would outlive: give it a name");
    return 0;
  }

  /// Sets `result` = prox_{γf}(v) = argmin_x γ f(x) + ½ |x − v|² for linear operators. `result` may
  /// be `v`. Returns a SolverResult; for a batch, of which every signal converges by itself, a
  /// BatchSolverResult.
  ///
  /// Of quadratic distances (L2, WeightedL2, Zero): the solution of (I + γ R A_i^H W_i A_i) x =
  /// v + γ R A_i^H W_i y_i, by conjugate gradients from v until the residual is `tolerance` times
  /// the right-hand side (see DistributedOperator::least_squares()).
  ///
  /// Of other convex distances that have a prox of their own (L1, Huber, Poisson, IndicatorL2, a
  /// user's): by the accelerated gradient method on the dual problem (A. Beck and M. Teboulle, "A
  /// fast dual proximal gradient algorithm for convex minimization and applications", 2014). x is
  /// then the exact prox for an A x shifted to a u, with |A x − u| ≤ `tolerance` max(|A x|,
  /// |u|, |A v|) over all operators: where a distance is one of u − y, for data shifted so. (The
  /// residual is 0 where both differ by no more than roundings of A x, 4 ε ‖A‖ |x − v|.) In float,
  /// rounding leaves some 1e-5. An iteration applies each A_i and its adjoint once; a start takes
  /// two and one more. Signals of a batch are solved for one after the other.
  ///
  /// Collective; blocks. Throws ArgumentError if an operator is not linear, a distance has no prox,
  /// or γ is not positive and finite.
  template <ExecutionSpace Exec, typename V, typename Y, typename Op, typename Result>
  auto prox(const Exec& exec, double gamma, const V& v, const Y& y,
            const DistributedOperator<Op>& operators, const Result& result,
            SolverOptions options = {}) const {
    if constexpr (valid_input<Exec, V, Y, Op> && valid_prox<Exec, V, Y, Op, Result>)
      return detail::ProxCall<Exec, V, Y, Op, Result, D>(
                 exec, internals_, gamma, v, y, detail::Internals::of(operators), result, options)
          .run();
    else
      return SolverResult{};
  }

 private:
  using Quantity = detail::Quantity;

  // Whether the types of the arguments fit; the compiler says where they do not.
  template <typename Exec, typename X, typename Y, typename Op>
  static constexpr bool valid_input =
      detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
      detail::MeasurementsArgument<detail::argument::y, Y, Exec>::valid &&
      detail::Applied<Op, X, Y, Exec>::valid && detail::Compared<D, Exec>::valid;
  template <typename Exec, typename X, typename Y, typename Op, typename G>
  static constexpr bool valid_gradient =
      detail::OutputArgument<detail::argument::gradient, G, Exec>::valid &&
      detail::SameScalar<X, G>::valid && detail::Differentiated<Op, X, Y, Exec>::valid &&
      detail::HasGradient<D, Y, Exec>::valid;
  template <typename Exec, typename V, typename Y, typename Op, typename Result>
  static constexpr bool valid_prox =
      detail::OutputArgument<detail::argument::result, Result, Exec>::valid &&
      detail::SameScalar<V, Result>::valid && detail::Differentiated<Op, V, Y, Exec>::valid &&
      detail::ProxOfDistance<D, Y, Exec>::valid;

  template <Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G>
  auto evaluate(const Exec& exec, const char* region, const X& x, const Y& y,
                const DistributedOperator<Op>& operators, const G& gradient, Scope scope,
                const Subset* subset = nullptr) const {
    return detail::evaluate<Wanted>(exec, internals_, region, x, y,
                                    detail::Internals::of(operators), gradient, scope, false, {},
                                    subset);
  }

  friend struct detail::Internals;

  detail::DistanceStack<D> internals_;
};

/// \cond
template <typename D>
DistributedDataFidelity(D) -> DistributedDataFidelity<D>;
template <typename D>
DistributedDataFidelity(D, Reduction) -> DistributedDataFidelity<D>;
template <typename D>
DistributedDataFidelity(D, Reduction, Sum) -> DistributedDataFidelity<D>;
template <typename Op, typename Factory>
DistributedDataFidelity(const DistributedOperator<Op>&, Factory&&)
    -> DistributedDataFidelity<detail::MadeBy<Factory>>;
template <typename Op, typename Factory>
DistributedDataFidelity(const DistributedOperator<Op>&, Factory&&, Reduction)
    -> DistributedDataFidelity<detail::MadeBy<Factory>>;
template <typename Op, typename Factory>
DistributedDataFidelity(const DistributedOperator<Op>&, Factory&&, Reduction, Sum)
    -> DistributedDataFidelity<detail::MadeBy<Factory>>;
/// \endcond

}  // namespace misfit
