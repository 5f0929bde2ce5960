// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An operator at a point x: A(x), then its derivative there without another A(x), for all kinds of
// operators alike.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// How many entries of T a LinearizableOperator keeps.
template <typename T, typename U, typename Exec, typename Op>
std::size_t kept_size_of(const Op& op) {
  if constexpr (requires { op.kept_size(); })
    return op.kept_size();
  else
    return op.template kept_size<T, U, Exec>();
}

/// The same where only the signals are known, which is enough for what is in reach of kernels on
/// the host or on the default space; 0 for an operator that is no LinearizableOperator on these.
template <typename T, typename Op>
std::size_t kept_size_for(const Op& op) {
  if constexpr (requires { op.kept_size(); }) {
    return op.kept_size();
  } else {
    const auto kept = [&]<typename U, typename Exec>(U, const Exec*) -> std::size_t {
      if constexpr (LinearizableOperator<Op, T, U, Exec>)
        return kept_size_of<T, U, Exec>(op);
      else
        return 0;
    };
    const Kokkos::DefaultExecutionSpace* const device = nullptr;
    const Kokkos::DefaultHostExecutionSpace* const host = nullptr;
    using R = Real<T>;
    return std::max({kept(R(), device), kept(R(), host), kept(Kokkos::complex<R>(), device),
                     kept(Kokkos::complex<R>(), host)});
  }
}

/// Operators Op from signals of T to measurements of U, at a point. What the derivative needs of x
/// is `kept`, of kept_size(op) entries: what the operator itself keeps, nothing where it is linear,
/// else x. All asynchronous on `exec`.
template <typename Op, typename T, typename U, typename Exec>
struct Linearized {
  using Space = typename Exec::memory_space;
  using In = Vector<const T, Space>;
  using Out = Vector<T, Space>;
  using InMeasurement = Vector<const U, Space>;
  using Measurement = Vector<U, Space>;

  /// With an adjoint or a derivative entry by entry alone.
  static constexpr bool by_entries = PointwiseOperator<Op, T, U> &&
                                     !LinearOperator<Op, T, U, Exec> &&
                                     !DifferentiableOperator<Op, T, U, Exec>;
  static constexpr bool linear_by_entries =
      by_entries && requires(const Op& op, U r) { op.adjoint_at(std::size_t{}, r); };
  /// Linear whatever the object.
  static constexpr bool linear =
      (LinearOperator<Op, T, U, Exec> && !LinearAtRunTime<Op>) || linear_by_entries;
  static constexpr bool keeps = !linear && LinearizableOperator<Op, T, U, Exec>;
  static constexpr bool maybe_linear = !keeps && LinearOperator<Op, T, U, Exec>;
  /// J v can be had, unless an operator that might be linear is not. Of a real diagonal J it is J^H
  /// v.
  static constexpr bool has_jacobian =
      linear || keeps || maybe_linear || (by_entries && std::is_same_v<T, U> && !is_complex<T>);
  static constexpr bool has_hessian =
      linear || (keeps && TwiceDifferentiableOperator<Op, T, U, Exec>);
  /// For combinations of operators that are not linear: what they keep of Op, and have for it.
  static constexpr bool nonlinear_with_jacobian = !linear && has_jacobian;
  static constexpr bool nonlinear_with_hessian = !linear && has_hessian;
  /// J^H r can be had of x, and need not be that of a linear operator.
  static constexpr bool has_vjp =
      DifferentiableOperator<Op, T, U, Exec> || (by_entries && !linear_by_entries);
  static constexpr bool linear_or_has_vjp =
      LinearOperator<Op, T, U, Exec> || linear_by_entries || has_vjp;

  static std::size_t kept_size(const Op& op) {
    if constexpr (linear)
      return 0;
    else if constexpr (keeps)
      return kept_size_of<T, U, Exec>(op);
    else
      return op.domain_size();
  }

  /// y = A(x), and what is kept.
  static void linearize(const Exec& exec, const Op& op, const In& x, const Measurement& y,
                        [[maybe_unused]] const Out& kept) {
    if constexpr (keeps) {
      op.linearize(exec, x, y, kept);
    } else {
      op.apply(exec, x, y);
      if constexpr (!linear) copy(exec, x, kept);
    }
  }

  /// w = J v.
  static void apply_jacobian(const Exec& exec, const Op& op, [[maybe_unused]] const In& kept,
                             const In& v, const Measurement& w)
    requires has_jacobian
  {
    if constexpr (keeps)
      op.apply_jacobian(exec, kept, v, w);
    else if constexpr (linear)
      op.apply(exec, v, w);
    else if constexpr (by_entries)
      each(
          exec, op, w,
          KOKKOS_LAMBDA(const Op& a, std::size_t j) { return a.vjp_at(j, kept(j), v(j)); });
    else if (is_linear(op))
      op.apply(exec, v, w);
    else
      throw ArgumentError("an operator in the operator is not linear, and J v cannot be had");
  }

  /// g += J^H r.
  static void add_jacobian_adjoint(const Exec& exec, const Op& op, [[maybe_unused]] const In& kept,
                                   const InMeasurement& r, const Out& g) {
    if constexpr (keeps)
      op.add_jacobian_adjoint(exec, kept, r, g);
    else if constexpr (linear_by_entries)
      each(
          exec, op, g,
          KOKKOS_LAMBDA(const Op& a, std::size_t j) { return g(j) + a.adjoint_at(j, r(j)); });
    else if constexpr (by_entries)
      each(
          exec, op, g,
          KOKKOS_LAMBDA(const Op& a, std::size_t j) { return g(j) + a.vjp_at(j, kept(j), r(j)); });
    else
      add_vjp_of(op, exec, kept, r, g);
  }

  /// The same of x.
  template <typename X, typename R, typename G>
    requires linear_or_has_vjp
  static void add_vjp(const Exec& exec, const Op& op, const X& x, const R& r, const G& g) {
    if constexpr (by_entries)
      add_jacobian_adjoint(exec, op, x, r, g);
    else
      add_vjp_of(op, exec, x, r, g);
  }

  /// g += J^H (w ∘ J v) + Σ_j r_j ∇²A_j v; `scratch` is for the J v of a linear one.
  static void add_hessian(const Exec& exec, const Op& op, const In& kept, const InMeasurement& w,
                          const InMeasurement& r, const In& v, const Out& g,
                          [[maybe_unused]] const Measurement& scratch)
    requires has_hessian
  {
    if constexpr (keeps) {
      op.add_hessian(exec, kept, w, r, v, g);
    } else {
      apply_jacobian(exec, op, kept, v, scratch);
      weight_entries(exec, 1, w, scratch);
      add_jacobian_adjoint(exec, op, kept, scratch, g);
    }
  }

  /// g(j) = entry(op, j); public for nvcc.
  template <typename Entry, typename G>
  static void each(const Exec& exec, const Op& op, const G& g, const Entry& entry) {
    for_indices(
        exec, "misfit::Linearized", g.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) { g(j) = entry(op, static_cast<std::size_t>(j)); });
  }
};

}  // namespace misfit::detail
