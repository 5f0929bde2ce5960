// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// outer(inner(x)) at a point x, from signals of T by way of M to measurements of U, where not both
/// are linear. Kept is what outer keeps of inner(x), then what inner keeps of x. All asynchronous
/// on `exec`; `point` and `cotangent` hold an inner(x) each, `measurement` an outer(inner(x)).
template <typename Outer, typename Inner, typename T, typename M, typename U, typename Exec>
struct Composed {
  using OfOuter = Linearized<Outer, M, U, Exec>;
  using OfInner = Linearized<Inner, T, M, Exec>;
  using Space = typename Exec::memory_space;

  static constexpr bool linear = OfOuter::linear && OfInner::linear;
  static constexpr bool has_vjp = OfOuter::linear_or_has_vjp && OfInner::linear_or_has_vjp &&
                                  (OfOuter::has_vjp || OfInner::has_vjp);
  /// What outer keeps lies in memory for entries of T: as such, or two reals in a complex one.
  static constexpr bool kept_fits =
      OfOuter::linear || std::is_same_v<M, T> || std::is_same_v<M, Real<T>>;
  static constexpr bool has_jacobian =
      !linear && OfOuter::has_jacobian && OfInner::has_jacobian && kept_fits;
  static constexpr bool inner_has_hessian = !is_complex<M> && OfInner::nonlinear_with_hessian;
  /// Of real measurements. An inner operator that may be linear is asked whether it is.
  static constexpr bool has_hessian =
      has_jacobian && !is_complex<U> && OfOuter::has_hessian &&
      (OfInner::linear || LinearAtRunTime<Inner> || inner_has_hessian);

  static std::size_t kept_size(const Outer& outer, const Inner& inner) {
    return entries_of_outer(outer) + OfInner::kept_size(inner);
  }

  template <typename X, typename Y, typename Kept>
  void linearize(const X& x, const Y& y, const Kept& kept) const {
    const auto u = middle(point);
    OfInner::linearize(exec, inner, x, u, kept_of_inner(kept));
    OfOuter::linearize(exec, outer, u, y, kept_of_outer(kept));
  }

  template <typename Kept, typename V, typename W>
  void apply_jacobian(const Kept& kept, const V& v, const W& w) const {
    const auto u = middle(point);
    OfInner::apply_jacobian(exec, inner, kept_of_inner(kept), v, u);
    OfOuter::apply_jacobian(exec, outer, kept_of_outer(kept), u, w);
  }

  template <typename Kept, typename R, typename G>
  void add_jacobian_adjoint(const Kept& kept, const R& r, const G& g) const {
    OfInner::add_jacobian_adjoint(exec, inner, kept_of_inner(kept), cotangent_of(kept, r), g);
  }

  /// With q = J_outer^H r: J_inner^H times the product of outer with J_inner v, and Σ_j q_j
  /// ∇²inner_j v.
  template <typename Kept, typename R, typename V, typename G>
  void add_hessian(const Kept& kept, const R& w, const R& r, const V& v, const G& g) const {
    const bool inner_is_linear = LinearOperator<Inner, T, M, Exec> && is_linear(inner);
    if constexpr (!OfInner::linear && !inner_has_hessian)
      if (!inner_is_linear)
        throw ArgumentError(
            "Compose: the inner operator is not linear, and has no second derivative");
    const auto u = middle(point), s = middle(cotangent);
    OfInner::apply_jacobian(exec, inner, kept_of_inner(kept), v, u);
    fill(exec, M(0), s);
    OfOuter::add_hessian(exec, outer, kept_of_outer(kept), w, r, u, s, scratch());
    OfInner::add_jacobian_adjoint(exec, inner, kept_of_inner(kept), s, g);
    if constexpr (inner_has_hessian)
      if (!inner_is_linear) {
        const auto q = cotangent_of(kept, r);
        fill(exec, M(0), u);
        OfInner::add_hessian(exec, inner, kept_of_inner(kept), u, q, v, g, {});
      }
  }

  const Exec& exec;
  const Outer& outer;
  const Inner& inner;
  Workspace& point;
  Workspace& cotangent;
  Workspace& measurement;

 private:
  static std::size_t entries_of_outer(const Outer& outer) {
    const std::size_t size = OfOuter::kept_size(outer);
    return std::is_same_v<M, T> ? size : size - size / 2;
  }

  template <typename Kept>
  auto kept_of_outer(const Kept& kept) const {
    using Entry = typename Kept::value_type;
    using Own = std::conditional_t<std::is_const_v<Entry>, const M, M>;
    return Vector<Own, Space>(reinterpret_cast<Own*>(kept.data()), OfOuter::kept_size(outer));
  }
  template <typename Kept>
  auto kept_of_inner(const Kept& kept) const {
    return Vector<typename Kept::value_type, Space>(kept.data() + entries_of_outer(outer),
                                                    OfInner::kept_size(inner));
  }

  auto middle(Workspace& memory) const {
    return memory.get<M, Space>(inner.range_size(), "misfit::Compose");
  }
  Vector<U, Space> scratch() const {
    if constexpr (OfOuter::linear)
      return measurement.get<U, Space>(outer.range_size(), "misfit::Compose::measurement");
    else
      return {};
  }
  // J_outer^H r.
  template <typename Kept, typename R>
  auto cotangent_of(const Kept& kept, const R& r) const {
    const auto s = middle(cotangent);
    fill(exec, M(0), s);
    OfOuter::add_jacobian_adjoint(exec, outer, kept_of_outer(kept), r, s);
    return s;
  }
};

}  // namespace misfit::detail
