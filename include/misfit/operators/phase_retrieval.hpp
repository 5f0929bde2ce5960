// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace misfit {

namespace detail {

/// A pass between B and B^H: the distance of |u_j|² from y_j, and u_j = factor ∇d (2 u_j): twice
/// ∇d, which may be the largest number, would be infinite.
template <Quantity Wanted, typename D, typename U, typename Y>
struct IntensityEntry {
  using R = Real<typename U::value_type>;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    const R r = evaluate_entry<Wanted, D, R>(distance, j, static_cast<R>(squared_abs(u(j))), y(j),
                                             factor, value, outside);
    if constexpr (Wanted != Quantity::value) u(j) = r * (R(2) * u(j));
  }

  D distance;
  U u;
  Y y;
  R factor;
};

}  // namespace detail

/// A(x) = |B x|², entry by entry, for a linear operator B: the intensities of a wave, of which the
/// phase is lost. x and B x are complex, or both real; A(x) is real, of their precision.
///
/// J(x)^H r = 2 B^H (r ∘ B x), so that a data fidelity f of intensities has f(x + h) = f(x) +
/// Re⟨∇f, h⟩ + o(h), as everywhere. It is 0 where B x is 0: a descent does not start at x = 0.
/// Values and derivative are those of DeepInverse's PhaseRetrieval (A and A_vjp). With a separable
/// distance misfit takes value and gradient by one B and one B^H.
///
/// Owns memory for B x, allocated in the first call. A copy has memory of its own; one object is
/// not used from two threads, or on two instances, at once.
///
/// For B with the rows (1, 1) and (1, −1) and x = (1, 2): A(x) = (9, 1), J(x)^H A(x) = (52, 56).
template <typename B>
class PhaseRetrieval {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  /// Whether B takes signals like X, and Y holds intensities of them.
  template <typename X, typename Y, typename Exec>
  static constexpr bool fits = std::is_same_v<Entry<Y>, detail::Real<Entry<X>>> &&
                               LinearOperator<B, Entry<X>, Entry<X>, Exec>;

 public:
  /// B = `b`. Throws ArgumentError if it is an AnyOperator, or a combination of them, that is not
  /// linear.
  explicit PhaseRetrieval(B b) : b_(std::move(b)) {
    if (!detail::is_linear(b_))
      throw ArgumentError("PhaseRetrieval: the operator in it is not linear");
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return b_.domain_size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return b_.range_size(); }
  /// B.
  const B& linear_operator() const { return b_; }

  /// As B is (see SplittableOperator).
  MeasurementRows measurement_rows() const
    requires SplittableOperator<B>
  {
    return b_.measurement_rows();
  }
  /// The intensities of these rows of B x. Throws as B.
  auto on_rows(const Rows& rows) const
    requires SplittableOperator<B>
  {
    using Part = std::remove_cvref_t<decltype(b_.on_rows(rows))>;
    return PhaseRetrieval<Part>(b_.on_rows(rows));
  }

  /// y = |B x|². Asynchronous on `exec`, as B is.
  template <typename Exec, typename X, typename Y>
    requires fits<X, Y, Exec>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto u = wave(exec, x);
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::apply", range_size(), KOKKOS_LAMBDA(const std::int64_t j) {
          y(j) = static_cast<typename Y::value_type>(detail::squared_abs(u(j)));
        });
  }

  /// g += 2 B^H (r ∘ B x). Asynchronous on `exec`, as B is.
  template <typename Exec, typename X, typename R, typename G>
    requires fits<X, R, Exec>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    const auto u = wave(exec, x);
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::add_vjp", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { u(j) = r(j) * (detail::Real<Entry<X>>(2) * u(j)); });
    b_.add_adjoint(exec, detail::as_const_view(u), g);
  }

  /// As many entries as A x has: B x (see LinearizableOperator).
  std::size_t kept_size() const { return range_size(); }

  /// y = |B x|², and `kept` = B x. Asynchronous on `exec`, as B is.
  template <typename Exec, typename X, typename Y, typename Kept>
    requires fits<X, Y, Exec>
  void linearize(const Exec& exec, const X& x, const Y& y, const Kept& kept) const {
    b_.apply(exec, x, kept);
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::linearize", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) {
          y(j) = static_cast<typename Y::value_type>(detail::squared_abs(kept(j)));
        });
  }

  /// w = J v = 2 Re(conj(B x) ∘ B v). Asynchronous on `exec`, as B is.
  template <typename Exec, typename Kept, typename V, typename W>
    requires fits<V, W, Exec>
  void apply_jacobian(const Exec& exec, const Kept& kept, const V& v, const W& w) const {
    const auto u = wave(exec, v);
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::apply_jacobian", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) {
          w(j) = static_cast<typename W::value_type>(
              2 * detail::real_part(detail::conj(kept(j)) * u(j)));
        });
  }

  /// g += J^H r = 2 B^H (r ∘ B x). Asynchronous on `exec`, as B is.
  template <typename Exec, typename Kept, typename R, typename G>
    requires fits<G, R, Exec>
  void add_jacobian_adjoint(const Exec& exec, const Kept& kept, const R& r, const G& g) const {
    const auto u = memory<Exec, G>();
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::add_jacobian_adjoint", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) {
          u(j) = r(j) * (detail::Real<Entry<G>>(2) * kept(j));
        });
    b_.add_adjoint(exec, detail::as_const_view(u), g);
  }

  /// g += J^H (w ∘ J v) + 2 B^H (r ∘ B v) (see TwiceDifferentiableOperator). Asynchronous on
  /// `exec`, as B is.
  template <typename Exec, typename Kept, typename R, typename V, typename G>
    requires fits<V, R, Exec>
  void add_hessian(const Exec& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    const auto u = wave(exec, v);
    detail::for_entries(
        exec, "misfit::PhaseRetrieval::add_hessian", range_size(),
        KOKKOS_LAMBDA(const std::int64_t j) {
          using Value = detail::Real<Entry<V>>;
          const auto change =
              static_cast<Value>(2 * detail::real_part(detail::conj(kept(j)) * u(j)));
          u(j) = w(j) * (Value(2) * change * kept(j)) + r(j) * (Value(2) * u(j));
        });
    b_.add_adjoint(exec, detail::as_const_view(u), g);
  }

  /// How many sums the two calls below leave.
  template <typename D>
  std::size_t partial_sums(const D&) const {
    return static_cast<std::size_t>(detail::Tiles(range_size()).count);
  }

  /// Leaves d(|B x|², y) in `sums`. Asynchronous on `exec`, as B is.
  template <typename Exec, typename D, typename X, typename Y, typename Sums>
    requires(fits<X, Y, Exec> && SeparableDistance<D, Entry<Y>>)
  void fused_fn(const Exec& exec, const D& distance, const X& x, const Y& y,
                const Sums& sums) const {
    compare<detail::Quantity::value>(exec, distance, wave(exec, x), y, 1.0, sums);
  }

  /// The same, and g += factor 2 B^H (∇d(|B x|², y) ∘ B x). Asynchronous on `exec`, as B is.
  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires(fits<X, Y, Exec> && SeparableDistance<D, Entry<Y>> &&
             DifferentiableDistance<D, Entry<Y>, Exec>)
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const Y& y, double factor,
                         const G& g, const Sums& sums) const {
    const auto u = wave(exec, x);
    compare<detail::Quantity::both>(exec, distance, u, y, factor, sums);
    b_.add_adjoint(exec, detail::as_const_view(u), g);
  }

 private:
  /// B x, in this object's memory.
  template <typename Exec, typename X>
  auto wave(const Exec& exec, const X& x) const {
    auto u = memory<Exec, X>();
    b_.apply(exec, x, u);
    return u;
  }
  template <typename Exec, typename X>
  auto memory() const {
    return wave_.get<Entry<X>, typename Exec::memory_space>(range_size(),
                                                            "misfit::PhaseRetrieval::wave");
  }

  template <detail::Quantity Wanted, typename Exec, typename D, typename U, typename Y,
            typename Sums>
  void compare(const Exec& exec, const D& distance, const U& u, const Y& y, double factor,
               const Sums& sums) const {
    using R = detail::Real<Entry<U>>;
    detail::sum_tiles(
        exec, "misfit::PhaseRetrieval::distance", detail::Tiles(range_size()),
        detail::IntensityEntry<Wanted, D, U, Y>{distance, u, y, static_cast<R>(factor)},
        sums.data());
  }

  B b_;
  mutable detail::Workspace wave_;
};

}  // namespace misfit
