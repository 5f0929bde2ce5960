// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators that are not linear, as users would write them.

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::test {

/// e^{−u}, with a derivative entry by entry alone.
struct Transmission {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  template <typename E, typename X, typename Y>
    requires(!detail::is_complex<typename X::non_const_value_type>)
  void apply(const E& exec, const X& x, const Y& y) const {
    const auto own = *this;
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) {
          y(j) = own.apply_at(static_cast<std::size_t>(j), x(j));
        });
  }
  KOKKOS_FUNCTION double apply_at(std::size_t, double x) const { return detail::math::exp(-x); }
  KOKKOS_FUNCTION double vjp_at(std::size_t j, double x, double r) const {
    return -apply_at(j, x) * r;
  }
};

/// The same, which keeps e^{−u} for its derivatives.
struct KeptTransmission {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  std::size_t kept_size() const { return size; }
  template <typename E, typename X, typename Y>
    requires(!detail::is_complex<typename X::non_const_value_type>)
  void apply(const E& exec, const X& x, const Y& y) const {
    Transmission{size}.apply(exec, x, y);
  }
  template <typename E, typename X, typename R, typename G>
  void add_vjp(const E& exec, const X& x, const R& r, const G& g) const {
    Kokkos::parallel_for(
        detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { g(j) -= detail::math::exp(-x(j)) * r(j); });
  }
  template <typename E, typename X, typename Y, typename Kept>
    requires(!detail::is_complex<typename X::non_const_value_type>)
  void linearize(const E& exec, const X& x, const Y& y, const Kept& kept) const {
    Kokkos::parallel_for(
        detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = kept(j) = detail::math::exp(-x(j)); });
  }
  template <typename E, typename Kept, typename V, typename W>
  void apply_jacobian(const E& exec, const Kept& kept, const V& v, const W& w) const {
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) { w(j) = -kept(j) * v(j); });
  }
  template <typename E, typename Kept, typename R, typename G>
  void add_jacobian_adjoint(const E& exec, const Kept& kept, const R& r, const G& g) const {
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) { g(j) -= kept(j) * r(j); });
  }
  template <typename E, typename Kept, typename R, typename V, typename G>
  void add_hessian(const E& exec, const Kept& kept, const R& w, const R& r, const V& v,
                   const G& g) const {
    Kokkos::parallel_for(
        detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { g(j) += (kept(j) * w(j) + r(j)) * kept(j) * v(j); });
  }
};

/// y = x ∘ x, which keeps x.
template <typename T>
struct KeptSquare {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  std::size_t kept_size() const { return size; }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    apply_jacobian_times(exec, 1, x, x, y);
  }
  template <typename E, typename X, typename R, typename G>
  void add_vjp(const E& exec, const X& x, const R& r, const G& g) const {
    add_jacobian_adjoint(exec, x, r, g);
  }
  template <typename E, typename X, typename Y, typename Kept>
  void linearize(const E& exec, const X& x, const Y& y, const Kept& kept) const {
    apply(exec, x, y);
    Kokkos::deep_copy(exec, kept, x);
  }
  template <typename E, typename Kept, typename V, typename W>
  void apply_jacobian(const E& exec, const Kept& kept, const V& v, const W& w) const {
    apply_jacobian_times(exec, 2, kept, v, w);
  }
  template <typename E, typename Kept, typename R, typename G>
  void add_jacobian_adjoint(const E& exec, const Kept& kept, const R& r, const G& g) const {
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) {
          g(j) += static_cast<detail::Real<T>>(2) * detail::conj(kept(j)) * r(j);
        });
  }
  /// w = by x ∘ v.
  template <typename E, typename X, typename V, typename W>
  void apply_jacobian_times(const E& exec, double by, const X& x, const V& v, const W& w) const {
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) {
          w(j) = static_cast<detail::Real<T>>(by) * x(j) * v(j);
        });
  }
};

/// Linear, from reals to complex numbers.
struct ToComplex {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  template <typename E, typename X, typename Y>
    requires(!detail::is_complex<typename X::non_const_value_type> &&
             detail::is_complex<typename Y::value_type>)
  void apply(const E&, const X&, const Y&) const {}
  template <typename E, typename Y, typename X>
    requires(!detail::is_complex<typename X::value_type> &&
             detail::is_complex<typename Y::non_const_value_type>)
  void add_adjoint(const E&, const Y&, const X&) const {}
};

/// What combinations are made of.
namespace nonlinear {

/// `rows` is odd: what an outer operator keeps of as many reals ends in half a complex number.
inline constexpr std::size_t unknowns = 9, rows = 7;

using Complex = Kokkos::complex<double>;
using Matrix = MatrixOperator<double>;
using Squares = PhaseRetrieval<Matrix>;
using Waves = PhaseRetrieval<MatrixOperator<Complex>>;
using Any = AnyOperator<double>;

inline Matrix matrix(int i, std::size_t m = rows, std::size_t n = unknowns) {
  return {static_cast<std::size_t>(i), m, n};
}
inline Squares squares(int i, std::size_t m, std::size_t n = unknowns) {
  return Squares(matrix(i, m, n));
}
inline Waves waves(int i, std::size_t m = rows) {
  return Waves({static_cast<std::size_t>(i), m, unknowns});
}

/// A batch of two, small for exponents.
template <typename T>
auto signals(std::size_t k, std::size_t n = unknowns) {
  const auto batch = batch_of<T>(k, 2, n);
  detail::axpby(Exec{}, 0, detail::all_signals(batch), 0.3, detail::all_signals(batch));
  return batch;
}

}  // namespace nonlinear

}  // namespace misfit::test
