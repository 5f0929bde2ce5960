// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <utility>

namespace misfit::detail {

/// An operator that reads the owned rows of a slab alone, where other operators of its stack need
/// ghost rows: A x = op(the owned rows of x).
template <typename Op>
class OwnedRows {
  template <typename X, typename Y, typename Exec>
  using AtPoint =
      Linearized<Op, typename X::non_const_value_type, typename Y::non_const_value_type, Exec>;

 public:
  OwnedRows(Op op, const Slab& slab) : op_(std::move(op)), slab_(slab) {}

  std::size_t domain_size() const { return slab_.extended().size(); }
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
    add_from(exec, majorizer_of(exec, op_), d);
    fence(exec, "misfit::OwnedRows: the diagonal of op is freed");
  }

  template <typename Exec, typename X, typename Y>
    requires requires(const Op& op, const Exec& exec, const X& x, const Y& y) {
      op.apply(exec, x, y);
    }
  void apply(const Exec& exec, const X& x, const Y& y) const {
    op_.apply(exec, as_const_view(owned(exec, x)), y);
  }
  template <typename Exec, typename Y, typename X>
    requires requires(const Op& op, const Exec& exec, const X& x, const Y& y) {
      op.add_adjoint(exec, y, x);
    }
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto sum = zeros<typename X::value_type>(exec);
    op_.add_adjoint(exec, y, sum);
    add_from(exec, sum, x);
  }
  template <typename Exec, typename X, typename R, typename G>
    requires AtPoint<X, R, Exec>::has_vjp
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    const auto sum = zeros<typename G::value_type>(exec);
    AtPoint<X, R, Exec>::add_vjp(exec, op_, as_const_view(owned(exec, x)), r, sum);
    add_from(exec, sum, g);
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
    AtPoint<X, Y, Exec>::linearize(exec, op_, owned(exec, x), y, kept);
  }
  template <typename Exec, typename Kept, typename V, typename W>
    requires AtPoint<V, W, Exec>::nonlinear_with_jacobian
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    AtPoint<V, W, Exec>::apply_jacobian(exec, op_, kept, owned(exec, v), w);
  }
  template <typename Exec, typename Kept, typename R, typename G>
    requires AtPoint<G, R, Exec>::nonlinear_with_jacobian
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    const auto sum = zeros<typename G::value_type>(exec);
    AtPoint<G, R, Exec>::add_jacobian_adjoint(exec, op_, kept, r, sum);
    add_from(exec, sum, g);
  }
  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires AtPoint<V, R, Exec>::nonlinear_with_hessian
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    const auto sum = zeros<typename G::value_type>(exec);
    op_.add_hessian(exec, kept, w, r, as_const_view(owned(exec, v)), sum);
    add_from(exec, sum, g);
  }

 private:
  // Lines, rows and entries of a row of the slab.
  ImageCut cut() const { return {slab_.shape, slab_.dimension, 1}; }
  template <typename U>
  RowsOf<U> within(U* extended) const {
    return {extended, slab_.extended()[slab_.dimension], slab_.before};
  }

  template <typename Exec, typename X>
  auto owned(const Exec& exec, const X& x) const {
    using T = typename X::non_const_value_type;
    const auto rows =
        input_.get<T, typename Exec::memory_space>(op_.domain_size(), "misfit::OwnedRows::input");
    copy_rows<Exec, T>(exec, cut().lines(), cut().row(), slab_.owned.size(), within(x.data()),
                       {rows.data(), slab_.owned.size(), 0});
    return rows;
  }
  template <typename T, typename Exec>
  auto zeros(const Exec& exec) const {
    const auto sum =
        output_.get<T, typename Exec::memory_space>(op_.domain_size(), "misfit::OwnedRows::output");
    fill(exec, T(0), sum);
    return sum;
  }
  template <typename Exec, typename Sum, typename X>
  void add_from(const Exec& exec, const Sum& sum, const X& x) const {
    using T = typename X::value_type;
    add_rows<Exec, T>(exec, cut().lines(), cut().row(), slab_.owned.size(),
                      {sum.data(), slab_.owned.size(), 0}, within(x.data()));
  }

  Op op_;
  Slab slab_;
  mutable Workspace input_, output_;
};

}  // namespace misfit::detail
