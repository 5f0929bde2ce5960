// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/composed.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit {

/// A x = outer(inner(x)). Linear if both are; else J(x) = J_outer(inner(x)) J_inner(x), with J v
/// where both have that (see LinearizableOperator), and a second derivative where measurements are
/// real and both have one or are linear.
///
/// Owns memory for inner(x), twice, and for A x where a second derivative of a linear outer is
/// asked for, allocated in the first call. A copy has memory of its own; one object is not used
/// from two threads, or on two instances, at once.
///
/// For an outer Mask m = (1, 3), an inner Dense with the rows (1, 1) and (1, −1) and x = (1, 2): A
/// x = (3, −3), A^H A x = (−6, 12).
template <typename Outer, typename Inner>
class Compose {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  /// The scalar type of inner(x): that of x, unless an operator in between makes it that of y.
  template <typename X, typename Y, typename Exec>
  using Middle = std::conditional_t<Operator<Inner, Entry<X>, Entry<X>, Exec> &&
                                        Operator<Outer, Entry<X>, Entry<Y>, Exec>,
                                    Entry<X>, Entry<Y>>;

  template <typename X, typename Y, typename Exec>
  static constexpr bool outer_linear = LinearOperator<Outer, Middle<X, Y, Exec>, Entry<Y>, Exec>;
  template <typename X, typename Y, typename Exec>
  static constexpr bool inner_linear = LinearOperator<Inner, Entry<X>, Middle<X, Y, Exec>, Exec>;

  template <typename X, typename Y, typename Exec>
  using AtPoint = detail::Composed<Outer, Inner, Entry<X>, Middle<X, Y, Exec>, Entry<Y>, Exec>;
  template <typename X, typename Y, typename Exec>
  static constexpr bool has_vjp = AtPoint<X, Y, Exec>::has_vjp;

 public:
  /// Of copies of both. Throws ArgumentError unless the domain of `outer` has the size of the range
  /// of `inner`.
  Compose(Outer outer, Inner inner) : outer_(std::move(outer)), inner_(std::move(inner)) {
    if (outer_.domain_size() != inner_.range_size())
      throw ArgumentError("Compose: outer takes " + std::to_string(outer_.domain_size()) +
                          " entries, inner gives " + std::to_string(inner_.range_size()));
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return inner_.domain_size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return outer_.range_size(); }

  /// That of inner (see SlabOperator).
  HaloWidth halo_width(const Shape& shape, std::size_t dimension) const
    requires SlabOperator<Outer> && SlabOperator<Inner>
  {
    return detail::halo_width_of(inner_, shape, dimension);
  }
  /// What outer makes of the outputs of inner. Throws ArgumentError if outer reaches over rows too.
  MeasurementRows outputs_of(const Slab& slab) const
    requires SlabOperator<Outer> && SlabOperator<Inner>
  {
    return outer_.outputs_of(middle(slab));
  }
  /// Of the part of outer and that of inner. Throws as these.
  auto on_slab(const Slab& slab) const
    requires SlabOperator<Outer> && SlabOperator<Inner>
  {
    using OuterPart = std::remove_cvref_t<decltype(outer_.on_slab(slab))>;
    using InnerPart = std::remove_cvref_t<decltype(inner_.on_slab(slab))>;
    return Compose<OuterPart, InnerPart>(outer_.on_slab(middle(slab)), inner_.on_slab(slab));
  }

  /// As outer is (see SplittableOperator).
  MeasurementRows measurement_rows() const
    requires SplittableOperator<Outer>
  {
    return outer_.measurement_rows();
  }
  /// These rows of outer after the whole of inner, which every part computes: split into k parts a
  /// product has up to k times the bound of its norm. Throws as outer.
  auto on_rows(const Rows& rows) const
    requires SplittableOperator<Outer>
  {
    using Part = std::remove_cvref_t<decltype(outer_.on_rows(rows))>;
    return Compose<Part, Inner>(outer_.on_rows(rows), inner_);
  }

  /// There only where the type of a part does not say whether it is linear.
  bool is_linear() const
    requires(detail::LinearAtRunTime<Outer> || detail::LinearAtRunTime<Inner>)
  {
    return detail::is_linear(outer_) && detail::is_linear(inner_);
  }

  /// Adds to d the diagonal of inner times the largest entry of that of outer. Blocks. Throws
  /// ArgumentError if A is not linear, or holds an AnyOperator without a bound.
  template <typename Exec, typename D>
    requires detail::HasMajorizer<Outer, double, Exec> && detail::HasMajorizer<Inner, double, Exec>
  void add_majorizer(const Exec& exec, const D& d) const {
    const auto of_outer = detail::majorizer_of(exec, outer_);
    const auto of_inner = detail::majorizer_of(exec, inner_);
    detail::axpby(exec, detail::largest_of(exec, of_outer), of_inner, 1, d);
    detail::fence(exec, "misfit::Compose: the diagonal of inner is freed");
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires Operator<Inner, Entry<X>, Middle<X, Y, Exec>, Exec> &&
             Operator<Outer, Middle<X, Y, Exec>, Entry<Y>, Exec>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto u = memory<Middle<X, Y, Exec>, Exec>(point_);
    inner_.apply(exec, x, u);
    outer_.apply(exec, detail::as_const_view(u), y);
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires outer_linear<X, Y, Exec> && inner_linear<X, Y, Exec>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto v = zeros<Middle<X, Y, Exec>>(exec);
    outer_.add_adjoint(exec, y, v);
    inner_.add_adjoint(exec, detail::as_const_view(v), x);
  }

  /// g += J(x)^H r. Asynchronous on `exec`.
  template <typename Exec, typename X, typename R, typename G>
    requires has_vjp<X, R, Exec>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    using T = Middle<X, R, Exec>;
    using OfOuter = typename AtPoint<X, R, Exec>::OfOuter;
    const auto v = zeros<T>(exec);
    if (outer_linear<X, R, Exec> && detail::is_linear(outer_)) {
      if constexpr (outer_linear<X, R, Exec>) outer_.add_adjoint(exec, r, v);
    } else {
      const auto u = memory<T, Exec>(point_);
      if constexpr (OfOuter::has_vjp) inner_.apply(exec, x, u);
      OfOuter::add_vjp(exec, outer_, detail::as_const_view(u), r, v);
    }
    AtPoint<X, R, Exec>::OfInner::add_vjp(exec, inner_, x, detail::as_const_view(v), g);
  }

  /// What both keep (see LinearizableOperator).
  template <typename T, typename U, typename Exec>
    requires AtPoint<Vector<T>, Vector<U>, Exec>::has_jacobian
  std::size_t kept_size() const {
    return AtPoint<Vector<T>, Vector<U>, Exec>::kept_size(outer_, inner_);
  }
  /// y = A x, and what both keep. Asynchronous on `exec`, as what follows.
  template <typename Exec, typename X, typename Y, typename Kept>
    requires AtPoint<X, Y, Exec>::has_jacobian
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    at_point<X, Y>(exec).linearize(x, y, kept);
  }
  /// w = J_outer J_inner v.
  template <typename Exec, typename Kept, typename V, typename W>
    requires AtPoint<V, W, Exec>::has_jacobian
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    at_point<V, W>(exec).apply_jacobian(kept, v, w);
  }
  /// g += J_inner^H J_outer^H r.
  template <typename Exec, typename Kept, typename R, typename G>
    requires AtPoint<G, R, Exec>::has_jacobian
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    at_point<G, R>(exec).add_jacobian_adjoint(kept, r, g);
  }
  /// See TwiceDifferentiableOperator. Throws ArgumentError if inner may be linear, is not, and has
  /// no second derivative.
  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires AtPoint<V, R, Exec>::has_hessian
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    at_point<V, R>(exec).add_hessian(kept, w, r, v, g);
  }

 private:
  // The outputs of inner that belong to `slab`, as a slab of their own.
  Slab middle(const Slab& slab) const {
    const MeasurementRows outputs = inner_.outputs_of(slab);
    if (!(detail::halo_width_of(outer_, outputs.shape, outputs.dimension) == HaloWidth{}))
      throw ArgumentError("Compose: outer reaches over rows, it cannot be cut into slabs");
    return {outputs.shape, outputs.dimension, outputs.rows};
  }

  template <typename X, typename Y, typename Exec>
  AtPoint<X, Y, Exec> at_point(const Exec& exec) const {
    return {exec, outer_, inner_, point_, cotangent_, measurement_};
  }

  template <typename T, typename Exec>
  auto memory(detail::Workspace& workspace) const {
    return workspace.get<T, typename Exec::memory_space>(inner_.range_size(), "misfit::Compose");
  }

  template <typename T, typename Exec>
  auto zeros(const Exec& exec) const {
    const auto v = memory<T, Exec>(cotangent_);
    detail::fill(exec, T(0), v);
    return v;
  }

  Outer outer_;
  Inner inner_;
  mutable detail::Workspace point_;
  mutable detail::Workspace cotangent_;
  mutable detail::Workspace measurement_;
};

/// A x = outer(inner(x)). Throws ArgumentError as the constructor of Compose.
template <typename Outer, typename Inner>
Compose<Outer, Inner> compose(Outer outer, Inner inner) {
  return {std::move(outer), std::move(inner)};
}

/// A x = outer(inner(x)), computing only the outputs of the blur that are kept.
///
/// Throws ArgumentError unless the domain of `outer` has the shape of the range of `inner`.
template <typename Value, typename MemorySpace>
Blur<Value, MemorySpace> compose(const Downsample& outer, const Blur<Value, MemorySpace>& inner) {
  return inner.followed_by(outer);
}

}  // namespace misfit
