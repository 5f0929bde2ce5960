// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/stacked_passes.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// The derivative of a Stack at a point, where not all parts are linear (see LinearizableOperator):
/// what the parts keep lies one behind the other.
template <typename Parts, typename... Ops>
class StackedJacobians : public StackedPasses<Parts, Ops...> {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  template <typename T, typename U, typename Exec>
  static constexpr bool has_jacobian = !(Linearized<Ops, T, U, Exec>::linear && ...) &&
                                       (Linearized<Ops, T, U, Exec>::has_jacobian && ...);
  template <typename T, typename U, typename Exec>
  static constexpr bool has_hessian = has_jacobian<T, U, Exec> && !is_complex<U> &&
                                      (Linearized<Ops, T, U, Exec>::has_hessian && ...);
  template <typename T, typename U, typename Exec>
  static constexpr bool some_linear = (Linearized<Ops, T, U, Exec>::linear || ...);

 public:
  template <typename T, typename U, typename Exec>
    requires has_jacobian<T, U, Exec>
  std::size_t kept_size() const {
    std::size_t sum = 0;
    this->for_each([&](const auto& part, std::size_t) {
      sum += Linearized<std::remove_cvref_t<decltype(part)>, T, U, Exec>::kept_size(part);
    });
    return sum;
  }

  template <typename Exec, typename X, typename Y, typename Kept>
    requires has_jacobian<Entry<X>, Entry<Y>, Exec>
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    for_each_kept<Entry<Y>, Exec>(
        kept, [&](auto at_point, const auto& part, std::size_t k, const auto& own) {
          at_point.linearize(exec, part, x, this->measurement(y, k), own);
        });
  }

  template <typename Exec, typename Kept, typename V, typename W>
    requires has_jacobian<Entry<V>, Entry<W>, Exec>
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    for_each_kept<Entry<W>, Exec>(
        kept, [&](auto at_point, const auto& part, std::size_t k, const auto& own) {
          at_point.apply_jacobian(exec, part, own, v, this->measurement(w, k));
        });
  }

  template <typename Exec, typename Kept, typename R, typename G>
    requires has_jacobian<Entry<G>, Entry<R>, Exec>
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    for_each_kept<Entry<R>, Exec>(
        kept, [&](auto at_point, const auto& part, std::size_t k, const auto& own) {
          at_point.add_jacobian_adjoint(exec, part, own, this->measurement(r, k), g);
        });
  }

  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires has_hessian<Entry<V>, Entry<R>, Exec>
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    Vector<Entry<R>, typename Exec::memory_space> products;
    if constexpr (some_linear<Entry<V>, Entry<R>, Exec>)
      products = memory_.get<Entry<R>, typename Exec::memory_space>(this->range_size(),
                                                                    "misfit::Stack::products");
    for_each_kept<Entry<R>, Exec>(
        kept, [&](auto at_point, const auto& part, std::size_t k, const auto& own) {
          auto product = products;
          if constexpr (decltype(at_point)::linear) product = this->measurement(products, k);
          at_point.add_hessian(exec, part, own, this->measurement(w, k), this->measurement(r, k), v,
                               g, product);
        });
  }

 protected:
  using StackedPasses<Parts, Ops...>::StackedPasses;

 private:
  /// use(Linearized of the part, part, its number, what of `kept` is its) for all parts.
  template <typename U, typename Exec, typename Kept, typename Use>
  void for_each_kept(const Kept& kept, const Use& use) const {
    std::size_t at = 0;
    this->for_each([&](const auto& part, std::size_t k) {
      using AtPoint = Linearized<std::remove_cvref_t<decltype(part)>, Entry<Kept>, U, Exec>;
      const std::size_t count = AtPoint::kept_size(part);
      use(AtPoint{}, part, k, this->piece(kept, at, count));
      at += count;
    });
  }

  mutable Workspace memory_;
};

}  // namespace misfit::detail
