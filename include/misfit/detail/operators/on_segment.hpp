// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <utility>

namespace misfit::detail {

/// A x = op(x[first], …, x[first + op.domain_size() − 1]): an operator that reads some consecutive
/// entries alone.
template <typename Op>
class OnSegment {
  template <typename X, typename Y, typename Exec>
  using AtPoint =
      Linearized<Op, typename X::non_const_value_type, typename Y::non_const_value_type, Exec>;

 public:
  OnSegment(Op op, std::size_t domain_size, std::size_t first)
      : op_(std::move(op)), domain_size_(domain_size), first_(first) {}

  std::size_t domain_size() const { return domain_size_; }
  std::size_t range_size() const { return op_.range_size(); }
  bool is_linear() const
    requires LinearAtRunTime<Op>
  {
    return op_.is_linear();
  }
  double rounding() const
    requires RoundingOperator<Op>
  {
    return op_.rounding();
  }

  /// Blocks, as that of op.
  template <typename Exec, typename D>
    requires HasMajorizer<Op, double, Exec>
  void add_majorizer(const Exec& exec, const D& d) const {
    detail::add_majorizer<double>(exec, op_, segment<Exec>(d));
  }

  template <typename Exec, typename X, typename Y>
    requires requires(const Op& op, const Exec& exec, const X& x, const Y& y) {
      op.apply(exec, x, y);
    }
  void apply(const Exec& exec, const X& x, const Y& y) const {
    op_.apply(exec, segment<Exec>(x), y);
  }
  template <typename Exec, typename Y, typename X>
    requires requires(const Op& op, const Exec& exec, const X& x, const Y& y) {
      op.add_adjoint(exec, y, x);
    }
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    op_.add_adjoint(exec, y, segment<Exec>(x));
  }
  template <typename Exec, typename X, typename R, typename G>
    requires requires(const Op& op, const Exec& exec, const X& x, const R& r, const G& g) {
      op.add_vjp(exec, x, r, g);
    }
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    op_.add_vjp(exec, segment<Exec>(x), r, segment<Exec>(g));
  }

  /// Where op is not linear (see LinearizableOperator).
  template <typename T, typename U, typename Exec>
    requires Linearized<Op, T, U, Exec>::nonlinear_with_jacobian
  std::size_t kept_size() const {
    return Linearized<Op, T, U, Exec>::kept_size(op_);
  }
  template <typename Exec, typename X, typename Y, typename Kept>
    requires AtPoint<X, Y, Exec>::nonlinear_with_jacobian
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    AtPoint<X, Y, Exec>::linearize(exec, op_, segment<Exec>(x), y, kept);
  }
  template <typename Exec, typename Kept, typename V, typename W>
    requires AtPoint<V, W, Exec>::nonlinear_with_jacobian
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    AtPoint<V, W, Exec>::apply_jacobian(exec, op_, kept, segment<Exec>(v), w);
  }
  template <typename Exec, typename Kept, typename R, typename G>
    requires AtPoint<G, R, Exec>::nonlinear_with_jacobian
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    AtPoint<G, R, Exec>::add_jacobian_adjoint(exec, op_, kept, r, segment<Exec>(g));
  }
  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires AtPoint<V, R, Exec>::nonlinear_with_hessian
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    op_.add_hessian(exec, kept, w, r, segment<Exec>(v), segment<Exec>(g));
  }

 private:
  template <typename Exec, typename V>
  auto segment(const V& x) const {
    return Vector<typename V::value_type, typename Exec::memory_space>(x.data() + first_,
                                                                       op_.domain_size());
  }

  Op op_;
  std::size_t domain_size_, first_;
};

}  // namespace misfit::detail
