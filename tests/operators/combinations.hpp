// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators to combine, and a check of derivatives.

#include <misfit/flatten.hpp>
#include <misfit/operators/dense.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <limits>

namespace combinations {

using reference::Numbers;

/// A(x) = x ∘ x, as a user would write it.
struct Square {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        "Square::apply", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = x(j) * x(j); });
  }
  template <typename Exec, typename X, typename R, typename G>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    Kokkos::parallel_for(
        "Square::add_vjp", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { g(j) += misfit::detail::conj(x(j) + x(j)) * r(j); });
  }
};

/// A x = (1 + 2i) x for real x and complex y.
struct ToComplex {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  template <typename Exec, typename X, typename Y>
    requires(!misfit::detail::is_complex<typename X::non_const_value_type> &&
             misfit::detail::is_complex<typename Y::value_type>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    using T = typename Y::value_type;
    Kokkos::parallel_for(
        "ToComplex::apply", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = T(x(j), 2 * x(j)); });
  }
  template <typename Exec, typename Y, typename X>
    requires(!misfit::detail::is_complex<typename X::value_type> &&
             misfit::detail::is_complex<typename Y::non_const_value_type>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    Kokkos::parallel_for(
        "ToComplex::add_adjoint", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += y(j).real() + 2 * y(j).imag(); });
  }
};

/// Neither linear nor differentiable.
struct ForwardOnly {
  static std::size_t domain_size() { return 3; }
  static std::size_t range_size() { return 3; }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::deep_copy(exec, y, x);
  }
};

template <typename T>
auto matrix(std::size_t rows, std::size_t columns, std::uint64_t seed = 11) {
  const Kokkos::View<T**, Kokkos::LayoutRight> a("a", rows, columns);
  Kokkos::deep_copy(misfit::flatten(a), reference::random_vector<T>(rows * columns, seed));
  return misfit::Dense(a);
}

/// J(x)^H r added to a start that is not zero, less that start.
template <typename T, typename A>
Numbers vjp(const A& a, const misfit::Vector<T>& x, const misfit::Vector<T>& r) {
  using In = typename misfit::Vector<T>::const_type;
  const Kokkos::DefaultExecutionSpace exec;
  const auto start = reference::random_vector<T>(a.domain_size(), 9);
  const misfit::Vector<T> g("g", a.domain_size());
  Kokkos::deep_copy(g, start);
  a.add_vjp(exec, In(x), In(r), g);
  exec.fence();
  return reference::difference(reference::numbers(g), reference::numbers(start));
}

/// Compares J(x)^H r with central differences along a direction h: Re⟨g, h⟩ = d/dt Re⟨r, A(x + t
/// h)⟩.
///
/// With a step of ε^(1/3), truncation (third derivatives, t²) and rounding (ε / t) are both of the
/// order ε^(2/3) of the terms; 100 is for their number and size.
template <typename T, typename A>
void expect_derivative(const A& a) {
  using R = misfit::detail::Real<T>;
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = reference::random_vector<T>(a.domain_size(), 1);
  const auto h = reference::random_vector<T>(a.domain_size(), 2);
  const auto r = reference::random_vector<T>(a.range_size(), 3);
  const double epsilon = std::numeric_limits<R>::epsilon(), step = std::cbrt(epsilon);
  const auto moved = [&](double t) {
    const misfit::Vector<T> z("z", a.domain_size());
    Kokkos::deep_copy(z, x);
    misfit::detail::axpby(exec, t, h, 1.0, z);
    return reference::numbers(reference::apply<T>(a, z));
  };

  const auto g = vjp<T>(a, x, r);
  const auto slope =
      reference::dot(reference::numbers(r), reference::difference(moved(step), moved(-step))) /
      static_cast<long double>(2 * step);

  const auto scale = reference::norm(g) * reference::norm(reference::numbers(h)) + 1;
  EXPECT_NEAR(static_cast<double>(slope.real()),
              static_cast<double>(reference::dot(g, reference::numbers(h)).real()),
              100 * std::pow(epsilon, 2.0 / 3.0) * static_cast<double>(scale));
}

template <typename T>
using DenseOf = decltype(matrix<T>(1, 1));

/// Expects Re ⟨A x, y⟩ = ⟨x, A^H y⟩ for real x and complex y.
template <typename T, typename A>
void expect_adjoint_from_real(const A& a) {
  using R = misfit::detail::Real<T>;
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = reference::random_vector<R>(a.domain_size(), 1);
  const auto y = reference::random_vector<T>(a.range_size(), 3);
  const misfit::Vector<R> z("z", a.domain_size());

  const auto ax = reference::numbers(reference::apply<T>(a, x));
  a.add_adjoint(exec, misfit::Vector<const T>(y), z);
  exec.fence();

  const auto left = reference::dot(ax, reference::numbers(y)).real();
  const auto right = reference::dot(reference::numbers(x), reference::numbers(z)).real();
  EXPECT_LE(std::abs(left - right), reference::adjoint_tolerance<R>() * reference::norm(ax) *
                                        reference::norm(reference::numbers(y)));
}

}  // namespace combinations
