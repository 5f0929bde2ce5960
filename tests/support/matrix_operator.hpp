// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/views/upload.hpp>

#include <Kokkos_Core.hpp>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::test {

using Exec = Kokkos::DefaultExecutionSpace;
using Complex = std::complex<long double>;

template <typename T>
Complex widen(const T& z) {
  if constexpr (detail::is_complex<T>)
    return {z.real(), z.imag()};
  else
    return {z, 0};
}

/// A number for entry j of object k: never 0, never regular, with an imaginary part where T has
/// one.
template <typename T>
T entry(std::size_t k, std::size_t j) {
  const double t = 0.7 * static_cast<double>(j + 1) + 1.3 * static_cast<double>(k);
  return detail::make_scalar<T>(1.1 * std::sin(t), 0.9 * std::cos(1.7 * t + 0.3));
}

template <typename T>
Kokkos::View<T*> vector_of(std::size_t k, std::size_t n) {
  Kokkos::View<T*> view("test vector", n);
  detail::fill_on_host(view, [&](const auto& v) {
    for (std::size_t j = 0; j < n; ++j) v(j) = entry<T>(k, j);
  });
  return view;
}

/// Booleans without a pattern.
inline Kokkos::View<bool*> booleans_of(std::size_t k, std::size_t n) {
  Kokkos::View<bool*> view("test booleans", n);
  detail::fill_on_host(view, [&](const auto& v) {
    for (std::size_t j = 0; j < n; ++j) v(j) = entry<double>(k, j) > 0;
  });
  return view;
}

/// Numbers between 0.9 and 3.1, those `first`, `first` + 1, … of object k.
inline Kokkos::View<double*> positive_vector_of(std::size_t k, std::size_t n,
                                                std::size_t first = 0) {
  Kokkos::View<double*> view("test vector", n);
  detail::fill_on_host(view, [&](const auto& v) {
    for (std::size_t j = 0; j < n; ++j) v(j) = 2 + entry<double>(k, first + j);
  });
  return view;
}

template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> batch_of(std::size_t k, std::size_t batch, std::size_t n) {
  Kokkos::View<T**, Kokkos::LayoutRight> view("test batch", batch, n);
  detail::fill_on_host(view, [&](const auto& v) {
    for (std::size_t b = 0; b < batch; ++b)
      for (std::size_t j = 0; j < n; ++j) v(b, j) = entry<T>(k, b * n + j);
  });
  return view;
}

/// All entries of a View on the host, in row-major order.
template <typename V>
auto on_host(const V& view) {
  using T = typename V::non_const_value_type;
  std::vector<T> values;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  if constexpr (static_cast<std::size_t>(V::rank) == 2)
    for (std::size_t b = 0; b < host.extent(0); ++b)
      for (std::size_t j = 0; j < host.extent(1); ++j) values.push_back(host(b, j));
  else
    for (std::size_t j = 0; j < host.extent(0); ++j) values.push_back(host(j));
  return values;
}

/// An operator as a user would write it: y = M x, with a planted fault where asked for.
template <typename T>
struct MatrixOperator {
  Kokkos::View<T**, Kokkos::LayoutRight> matrix;
  double adjoint_fault = 0;  ///< relative error of the adjoint in one entry

  MatrixOperator(std::size_t k, std::size_t m, std::size_t n) : matrix("test matrix", m, n) {
    detail::fill_on_host(matrix, [&](const auto& v) {
      for (std::size_t r = 0; r < m; ++r)
        for (std::size_t c = 0; c < n; ++c) v(r, c) = entry<T>(50 + k, r * n + c);
    });
  }

  std::size_t domain_size() const { return matrix.extent(1); }
  std::size_t range_size() const { return matrix.extent(0); }

  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    const auto a = matrix;
    Kokkos::parallel_for(
        detail::range(exec, a.extent(0)), KOKKOS_LAMBDA(const std::int64_t r) {
          T sum(0);
          for (std::size_t c = 0; c < a.extent(1); ++c) sum += a(r, c) * x(c);
          y(r) = sum;
        });
  }

  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    const auto a = matrix;
    const auto fault = static_cast<detail::Real<T>>(1 + adjoint_fault);
    Kokkos::parallel_for(
        detail::range(exec, a.extent(1)), KOKKOS_LAMBDA(const std::int64_t c) {
          T sum(0);
          for (std::size_t r = 0; r < a.extent(0); ++r)
            sum += (r == 1 && c == 2 ? fault : 1) * detail::conj(a(r, c)) * y(r);
          x(c) += sum;
        });
  }
};

/// A nonlinear operator as a user would write it: y_j = (M x)_j², real or complex, with J = 2
/// diag(M x) M.
template <typename T>
struct SquaredOperator {
  MatrixOperator<T> inner;
  Kokkos::View<T*> scratch;

  SquaredOperator(std::size_t k, std::size_t m, std::size_t n)
      : inner(k, m, n), scratch("test scratch", m) {}

  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }

  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    inner.apply(exec, x, y);
    Kokkos::parallel_for(
        detail::range(exec, range_size()),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = y(j) * y(j); });
  }

  template <typename E, typename X, typename R, typename G>
  void add_vjp(const E& exec, const X& x, const R& r, const G& g) const {
    const auto s = scratch;
    inner.apply(exec, x, s);
    Kokkos::parallel_for(
        detail::range(exec, range_size()), KOKKOS_LAMBDA(const std::int64_t j) {
          s(j) = static_cast<detail::Real<T>>(2) * detail::conj(s(j)) * r(j);
        });
    inner.add_adjoint(exec, s, g);
  }
};

}  // namespace misfit::test
