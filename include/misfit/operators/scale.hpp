// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/footprint.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace misfit {

/// A x = a op(x) for a real or complex number a, `Factor` double or Kokkos::complex<double>. Linear
/// if op is; else its derivative is a J(x), with J v and a second derivative where op has them.
///
/// Owns memory of the size of its range, allocated in the first adjoint, and once more for second
/// derivatives. A copy has memory of its own; one object is not used from two threads, or on two
/// instances, at once.
///
/// For the factor 2, a Mask m = (1, 3) and x = (1, 2): A x = (2, 12), A^H A x = (4, 72).
template <typename Factor, typename Op>
class Scale {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  /// A complex factor needs complex measurements.
  template <typename Y>
  static constexpr bool holds = detail::is_complex<Entry<Y>> || !detail::is_complex<Factor>;

  template <typename X, typename Y, typename Exec>
  using AtPoint = detail::Linearized<Op, Entry<X>, Entry<Y>, Exec>;
  template <typename X, typename Y, typename Exec>
  static constexpr bool has_jacobian = AtPoint<X, Y, Exec>::nonlinear_with_jacobian && holds<Y>;

 public:
  /// a = `factor`, which signals in single precision take as a float: choose one that is. Throws
  /// ArgumentError if it is not finite.
  Scale(Factor factor, Op op) : factor_(factor), op_(std::move(op)) {
    if (!std::isfinite(detail::abs(factor))) throw ArgumentError("Scale: factor is not finite");
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return op_.domain_size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return op_.range_size(); }

  /// Those of op (see SlabOperator).
  HaloWidth halo_width(const Shape& shape, std::size_t dimension) const
    requires SlabOperator<Op>
  {
    return detail::halo_width_of(op_, shape, dimension);
  }
  /// The rows of y that belong to a slab.
  MeasurementRows outputs_of(const Slab& slab) const
    requires SlabOperator<Op>
  {
    return op_.outputs_of(slab);
  }
  /// Which entries of x the rows of y read: misfit asks for it where op is a Sparse.
  detail::Footprint footprint(const Shape& shape, std::size_t dimension) const
    requires detail::FindsFootprint<Op>
  {
    return op_.footprint(shape, dimension);
  }
  /// a times the part of op. Throws as that.
  auto on_slab(const Slab& slab) const
    requires(SlabOperator<Op> || detail::FindsFootprint<Op>)
  {
    using Part = std::remove_cvref_t<decltype(op_.on_slab(slab))>;
    return Scale<Factor, Part>(factor_, op_.on_slab(slab));
  }

  /// As op is (see SplittableOperator).
  MeasurementRows measurement_rows() const
    requires SplittableOperator<Op>
  {
    return op_.measurement_rows();
  }
  /// a times these rows of op. Throws as that.
  auto on_rows(const Rows& rows) const
    requires SplittableOperator<Op>
  {
    using Part = std::remove_cvref_t<decltype(op_.on_rows(rows))>;
    return Scale<Factor, Part>(factor_, op_.on_rows(rows));
  }

  /// There only where the type of op does not say whether it is linear.
  bool is_linear() const
    requires detail::LinearAtRunTime<Op>
  {
    return op_.is_linear();
  }

  /// Adds to d the diagonal of op times |a|². Blocks. Throws ArgumentError if op is not linear, or
  /// holds an AnyOperator without a bound.
  template <typename Exec, typename D>
    requires detail::HasMajorizer<Op, double, Exec>
  void add_majorizer(const Exec& exec, const D& d) const {
    const auto of_op = detail::majorizer_of(exec, op_);
    detail::axpby(exec, detail::squared_abs(factor_), of_op, 1, d);
    detail::fence(exec, "misfit::Scale: the diagonal of op is freed");
  }

  /// |a| times that of op (see RoundingOperator).
  double rounding() const
    requires RoundingOperator<Op>
  {
    return detail::abs(factor_) * op_.rounding();
  }

  /// y = a op(x). Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires Operator<Op, Entry<X>, Entry<Y>, Exec> && holds<Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    op_.apply(exec, x, y);
    multiply_by_factor(exec, y);
  }

  /// x += conj(a) op^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires LinearOperator<Op, Entry<X>, Entry<Y>, Exec> && holds<Y>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    op_.add_adjoint(exec, times_conjugate_factor(exec, y), x);
  }

  /// g += conj(a) J(x)^H r. Asynchronous on `exec`.
  template <typename Exec, typename X, typename R, typename G>
    requires(AtPoint<X, R, Exec>::has_vjp && holds<R>)
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    AtPoint<X, R, Exec>::add_vjp(exec, op_, x, times_conjugate_factor(exec, r), g);
  }

  /// As many entries as op keeps (see LinearizableOperator).
  template <typename T, typename U, typename Exec>
    requires has_jacobian<Vector<T>, Vector<U>, Exec>
  std::size_t kept_size() const {
    return detail::Linearized<Op, T, U, Exec>::kept_size(op_);
  }
  /// y = a op(x), and what op keeps. Asynchronous on `exec`, as what follows.
  template <typename Exec, typename X, typename Y, typename Kept>
    requires has_jacobian<X, Y, Exec>
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    AtPoint<X, Y, Exec>::linearize(exec, op_, x, y, kept);
    multiply_by_factor(exec, y);
  }
  /// w = a J_op v.
  template <typename Exec, typename Kept, typename V, typename W>
    requires has_jacobian<V, W, Exec>
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    AtPoint<V, W, Exec>::apply_jacobian(exec, op_, kept, v, w);
    multiply_by_factor(exec, w);
  }
  /// g += J_op^H conj(a) r.
  template <typename Exec, typename Kept, typename R, typename G>
    requires has_jacobian<G, R, Exec>
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    AtPoint<G, R, Exec>::add_jacobian_adjoint(exec, op_, kept, times_conjugate_factor(exec, r), g);
  }
  /// That of op with the weights a² w and the gradient a r (see TwiceDifferentiableOperator).
  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires(has_jacobian<V, R, Exec> && !detail::is_complex<Factor> &&
             AtPoint<V, R, Exec>::has_hessian)
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    const auto scaled = times(exec, factor_, r, workspace_);
    op_.add_hessian(exec, kept, times(exec, factor_ * factor_, w, weights_), scaled, v, g);
  }

  /// y = a y. Asynchronous on `exec`. (Public, as what follows, since nvcc takes no kernels in
  /// private functions.)
  template <typename Exec, typename Y>
  void multiply_by_factor(const Exec& exec, const Y& y) const {
    const auto a = factor_as<Entry<Y>>();
    detail::for_entries(
        exec, "misfit::Scale::apply", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = a * y(j); });
  }

  /// conj(a) y. Asynchronous on `exec`; valid until the next call.
  template <typename Exec, typename Y>
  Vector<const Entry<Y>, typename Exec::memory_space> times_conjugate_factor(const Exec& exec,
                                                                             const Y& y) const {
    using Space = typename Exec::memory_space;
    const auto v = workspace_.get<Entry<Y>, Space>(range_size(), "misfit::Scale");
    const auto a = detail::conj(factor_as<Entry<Y>>());
    detail::for_entries(
        exec, "misfit::Scale::times_conjugate_factor", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { v(j) = a * y(j); });
    return v;
  }

 private:
  /// `by` y in `memory`.
  template <typename Exec, typename Y>
  auto times(const Exec& exec, double by, const Y& y, detail::Workspace& memory) const {
    const auto v = memory.get<Entry<Y>, typename Exec::memory_space>(range_size(), "misfit::Scale");
    detail::axpby(exec, by, y, 0, v);
    return Vector<const Entry<Y>, typename Exec::memory_space>(v);
  }

  /// a in the precision of T.
  template <typename T>
  auto factor_as() const {
    using R = detail::Real<T>;
    if constexpr (detail::is_complex<Factor>)
      return T(static_cast<R>(factor_.real()), static_cast<R>(factor_.imag()));
    else
      return static_cast<R>(factor_);
  }

  Factor factor_;
  Op op_;
  mutable detail::Workspace workspace_;
  mutable detail::Workspace weights_;
};

/// A x = factor op(x). Throws ArgumentError if the factor is not finite.
template <typename Op>
Scale<double, Op> scale(double factor, Op op) {
  return {factor, std::move(op)};
}
/// The same with a complex factor.
template <typename Op>
Scale<Kokkos::complex<double>, Op> scale(Kokkos::complex<double> factor, Op op) {
  return {factor, std::move(op)};
}

}  // namespace misfit
