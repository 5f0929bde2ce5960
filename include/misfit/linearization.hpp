// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/evaluation/argument_types.hpp>
#include <misfit/detail/evaluation/linearized_products.hpp>
#include <misfit/detail/operators/gram_diagonal.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/views.hpp>

#include <cstddef>
#include <vector>

namespace misfit {

/// A data fidelity f at a point x: its value, gradient and products with its second derivative, of
/// one application of each A_i. Made by DistributedDataFidelity::at().
///
/// It keeps every A_i x (and of operators that are not linear what their derivative needs), so
/// that a gradient takes one adjoint of each operator, and a product one derivative and one
/// adjoint. Second derivatives of the distances are computed, and kept, with the first product at a
/// point; those of quadratic distances not at all where operators are linear, but for
/// gauss_newton_diagonal(). x itself is not kept and may change; the
/// point stays that of the last at() or move_to(). It borrows the fidelity and the operators, which
/// it must not outlive, and shares the Views of the data, whose entries must not change.
///
/// All calls but value() and values() are collective and block; they throw on every rank what they
/// throw on one, and the object can be used again. Vectors have the shape and scalar type of x.
/// Move-only.
template <typename D, typename Op, ExecutionSpace Exec, SignalsOn<Exec> X, MeasurementsOn<Exec> Y>
class Linearization {
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  using AtPoint = detail::Linearized<Op, T, U, Exec>;

 public:
  /// See DistributedDataFidelity::at(), which makes it.
  Linearization(const Exec& exec, const detail::DistanceStack<D>& distances,
                const detail::OperatorStack<Op>& operators, const X& x, const Y& y)
      : internals_(exec, distances, operators) {
    internals_.move_to(x, &y);
  }

  /// Goes to another point with the same data, in the same memory. Collective; blocks. Throws as
  /// at(); after that all other calls throw ArgumentError until there is a point again.
  void move_to(const X& x) { internals_.move_to(x, nullptr); }

  /// f(x): a double, or a std::vector of them for a batch. Not collective.
  auto value() const {
    const auto& point = internals_.point();
    point.require_point();
    if constexpr (detail::is_batch<X>) {
      std::vector<double> all(point.batch());
      for (std::size_t b = 0; b < all.size(); ++b) all[b] = point.value(b);
      return all;
    } else {
      return point.value(0);
    }
  }

  /// d_i(A_i x, y_i) of all n operators, whatever the reduction: entry i, or i B + b for signal b
  /// of a batch of B. The same on all ranks. Not collective.
  std::vector<double> values() const { return internals_.point().values(); }

  /// Sets `gradient` = ∇f(x). One adjoint of each operator. Throws DomainError where a distance has
  /// no gradient.
  template <typename G>
  void gradient(const G& gradient) {
    if constexpr (fits_output<detail::argument::gradient, G> &&
                  detail::Differentiated<Op, X, Y, Exec>::valid &&
                  detail::HasGradient<D, Y, Exec>::valid)
      internals_.gradient(gradient);
  }

  /// Sets `product` = R_i J_i(x)^H D_i J_i(x) v, with the second derivatives D_i of the distances
  /// at A_i x: the Gauss–Newton approximation of the Hessian, positive semidefinite where distances
  /// are convex; the Hessian itself where operators are linear. `product` may not be `v`.
  ///
  /// D_i is kept in the precision of the data and cut to its range: in float a second derivative
  /// above 3.4e38 counts as this. Throws DomainError where a distance has no derivative. For linear
  /// operators, and LinearizableOperator ones.
  template <typename V, typename H>
  void gauss_newton(const V& v, const H& product) {
    static_assert(AtPoint::has_jacobian,
                  "misfit: these operators have no J v: see the concept LinearizableOperator");
    if constexpr (fits_product<V, H> && AtPoint::has_jacobian) internals_.gauss_newton(v, product);
  }

  /// Sets `product` = ∇²f(x) v. `product` may not be `v`.
  ///
  /// For linear operators, of complex measurements with quadratic distances only (else
  /// ArgumentError), and for TwiceDifferentiableOperator ones. Throws as gauss_newton().
  template <typename V, typename H>
  void hessian(const V& v, const H& product) {
    static_assert(AtPoint::has_hessian,
                  "misfit: these operators have no second derivative: see the concept "
                  "TwiceDifferentiableOperator; gauss_newton() does without");
    if constexpr (fits_product<V, H> && AtPoint::has_hessian) internals_.hessian(v, product);
  }

  /// Sets `diagonal`, real, to the diagonal of the matrix of gauss_newton(), for a preconditioner.
  /// For pointwise, Dense and Sparse operators, and GramDiagonalOperator ones.
  template <typename Diagonal>
  void gauss_newton_diagonal(const Diagonal& diagonal) {
    static_assert(detail::HasGramDiagonal<Op, T, U, Exec>,
                  "misfit: these operators do not say what the diagonal of A^H W A is: see the "
                  "concept GramDiagonalOperator");
    if constexpr (detail::OutputArgument<detail::argument::diagonal, Diagonal, Exec>::valid &&
                  detail::HasSecondDerivative<D, Y, Exec>::valid &&
                  detail::HasGramDiagonal<Op, T, U, Exec>)
      internals_.gauss_newton_diagonal(diagonal);
  }

 private:
  template <typename Name, typename G>
  static constexpr bool fits_output =
      detail::OutputArgument<Name, G, Exec>::valid && detail::SameScalar<X, G>::valid;
  template <typename V, typename H>
  static constexpr bool fits_product =
      detail::SignalsArgument<detail::argument::v, V, Exec>::valid &&
      detail::SameScalar<X, V>::valid && fits_output<detail::argument::product, H> &&
      detail::HasSecondDerivative<D, Y, Exec>::valid &&
      detail::Differentiated<Op, X, Y, Exec>::valid;

  detail::LinearizedProducts<Exec, X, Y, Op, D> internals_;
};

}  // namespace misfit
