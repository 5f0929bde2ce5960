// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/sliced_passes.hpp>

#include <cstddef>

namespace misfit::detail {

/// The derivative of a SliceBySlice at a point, where its operators are not linear (see
/// LinearizableOperator): what they keep lies one behind the other.
template <typename Op>
class SlicedJacobians : public SlicedPasses<Op> {
  template <typename V>
  using Entry = typename V::non_const_value_type;
  template <typename X, typename Y, typename Exec>
  using AtPoint = Linearized<Op, Entry<X>, Entry<Y>, Exec>;

 public:
  template <typename T, typename U, typename Exec>
    requires Linearized<Op, T, U, Exec>::nonlinear_with_jacobian
  std::size_t kept_size() const {
    std::size_t sum = 0;
    for (std::size_t s = 0; s < this->slices(); ++s)
      sum += Linearized<Op, T, U, Exec>::kept_size(this->of_slice(s));
    return sum;
  }

  template <typename Exec, typename X, typename Y, typename Kept>
    requires AtPoint<X, Y, Exec>::nonlinear_with_jacobian
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    for_each_kept<AtPoint<X, Y, Exec>>(kept, [&](const Op& op, std::size_t s, const auto& own) {
      AtPoint<X, Y, Exec>::linearize(exec, op, input(x, s), output(y, s), own);
    });
  }

  template <typename Exec, typename Kept, typename V, typename W>
    requires AtPoint<V, W, Exec>::nonlinear_with_jacobian
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    for_each_kept<AtPoint<V, W, Exec>>(kept, [&](const Op& op, std::size_t s, const auto& own) {
      AtPoint<V, W, Exec>::apply_jacobian(exec, op, own, input(v, s), output(w, s));
    });
  }

  template <typename Exec, typename Kept, typename R, typename G>
    requires AtPoint<G, R, Exec>::nonlinear_with_jacobian
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    for_each_kept<AtPoint<G, R, Exec>>(kept, [&](const Op& op, std::size_t s, const auto& own) {
      AtPoint<G, R, Exec>::add_jacobian_adjoint(exec, op, own, output(r, s), input(g, s));
    });
  }

  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires AtPoint<V, R, Exec>::nonlinear_with_hessian
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    for_each_kept<AtPoint<V, R, Exec>>(kept, [&](const Op& op, std::size_t s, const auto& own) {
      op.add_hessian(exec, own, output(w, s), output(r, s), input(v, s), input(g, s));
    });
  }

 protected:
  using SlicedPasses<Op>::SlicedPasses;

  template <typename V>
  auto input(const V& x, std::size_t s) const {
    return this->piece(x, s, this->inputs());
  }
  template <typename V>
  auto output(const V& y, std::size_t s) const {
    return this->piece(y, s, this->outputs());
  }

 private:
  /// use(op, slice, what of `kept` is the slice's) for all slices.
  template <typename OfSlice, typename Kept, typename Use>
  void for_each_kept(const Kept& kept, const Use& use) const {
    std::size_t at = 0;
    for (std::size_t s = 0; s < this->slices(); ++s) {
      const Op& op = this->of_slice(s);
      const std::size_t count = OfSlice::kept_size(op);
      use(op, s, this->part(kept, at, count));
      at += count;
    }
  }
};

}  // namespace misfit::detail
