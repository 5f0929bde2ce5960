// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The operators of a case, as misfit takes them. Their memory is that of the host.

#include "scorecard/random_calls/planted.hpp"
#include "scorecard/random_calls/problem.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <utility>

namespace misfit::test::random_calls {

template <typename T>
T narrow(const Wide& z) {
  return detail::make_scalar<T>(static_cast<double>(z.real()), static_cast<double>(z.imag()));
}

template <typename T>
Kokkos::View<T*> vector_of(const Case& c, Object kind, int i, std::size_t n) {
  Kokkos::View<T*> view("entries", n);
  for (std::size_t j = 0; j < n; ++j) view(j) = narrow<T>(entry(c, object(kind, i), j));
  return view;
}

template <typename T>
using Entries = Kokkos::View<T**, Kokkos::LayoutRight>;

/// Operator i of a case as a dense matrix of so many columns.
template <typename T>
Entries<T> entries_of(const Case& c, int i, std::size_t columns) {
  const auto rows = static_cast<std::size_t>(rows_of(c, i));
  Entries<T> view("matrix", rows, columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t k = 0; k < columns; ++k)
      view(r, k) = narrow<T>(entry(c, object(Object::op, i), r * columns + k));
  return view;
}

/// A linear operator of a user: some rows of a matrix.
template <typename T>
struct UserMatrix {
  Entries<T> a;

  std::size_t domain_size() const { return a.extent(1); }
  std::size_t range_size() const { return a.extent(0); }
  double norm_squared_bound() const {
    double sum = 0;
    for (std::size_t r = 0; r < a.extent(0); ++r)
      for (std::size_t k = 0; k < a.extent(1); ++k) sum += std::norm(widen(a(r, k)));
    return sum;
  }
  MeasurementRows measurement_rows() const { return {{range_size()}, 0, {0, range_size()}}; }
  UserMatrix on_rows(const Rows& rows) const {
    return {Kokkos::subview(a, std::pair(rows.begin, rows.end), Kokkos::ALL)};
  }

  template <typename E, typename X, typename Y>
  void apply(const E&, const X& x, const Y& y) const {
    for (std::size_t r = 0; r < a.extent(0); ++r) {
      T sum(0);
      for (std::size_t k = 0; k < a.extent(1); ++k) sum += a(r, k) * x(k);
      y(r) = sum;
    }
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E&, const Y& y, const X& x) const {
    const bool wrong = planted.wrong_adjoint && a.extent(0) == 3 && a.extent(1) > 2;
    for (std::size_t k = 0; k < a.extent(1); ++k) {
      T sum(0);
      for (std::size_t r = 0; r < a.extent(0); ++r) sum += detail::conj(a(r, k)) * y(r);
      x(k) += wrong && k == 2 ? -sum : sum;
    }
  }
};

/// A nonlinear one: (M x)_j², with J = 2 diag(M x) M.
template <typename T>
struct UserSquared {
  UserMatrix<T> inner;

  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    inner.apply(exec, x, y);
    for (std::size_t j = 0; j < y.extent(0); ++j) y(j) = y(j) * y(j);
  }
  template <typename E, typename X, typename R, typename G>
  void add_vjp(const E& exec, const X& x, const R& r, const G& g) const {
    const Kokkos::View<T*> u("u", range_size());
    inner.apply(exec, x, u);
    for (std::size_t j = 0; j < u.extent(0); ++j)
      u(j) = static_cast<detail::Real<T>>(2) * detail::conj(u(j)) * r(j);
    inner.add_adjoint(exec, u, g);
  }
};

/// Operator i of a case, of whatever kind: makes an Op, where it is one of those below.
template <typename Op>
struct Make;

template <typename T>
struct Make<Mask<Kokkos::View<T*>>> {
  static auto of(const Case& c, int i, std::size_t n) {
    return Mask(vector_of<T>(c, Object::op, i, n));
  }
};
template <typename T>
struct Make<Dense<Entries<T>>> {
  static auto of(const Case& c, int i, std::size_t n) { return Dense(entries_of<T>(c, i, n)); }
};
template <typename T>
auto make_sparse(const Case& c, int i, std::size_t n) {
  const int rows = rows_of(c, i);
  std::vector<int> map{0}, columns;
  std::vector<T> values;
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < static_cast<int>(n); ++k)
      if (is_stored(c, i, r, k)) {
        columns.push_back(k);
        values.push_back(
            narrow<T>(entry(c, object(Object::op, i),
                            static_cast<std::size_t>(r) * n + static_cast<std::size_t>(k))));
      }
    map.push_back(static_cast<int>(columns.size()));
  }
  const Kokkos::View<int*> row_map("map", map.size()), where("columns", columns.size());
  const Kokkos::View<T*> numbers("values", values.size());
  std::copy(map.begin(), map.end(), row_map.data());
  std::copy(columns.begin(), columns.end(), where.data());
  std::copy(values.begin(), values.end(), numbers.data());
  return Sparse(row_map, where, numbers, n);
}
template <typename T>
using SparseOf = decltype(make_sparse<T>(std::declval<Case>(), 0, 0));
template <typename T>
Entries<T> kernel_of(const Case& c, int i) {
  const int h = extent_of(c, i, true), w = extent_of(c, i, false);
  Entries<T> kernel("kernel", static_cast<std::size_t>(h), static_cast<std::size_t>(w));
  for (std::size_t j = 0; j < kernel.size(); ++j)
    kernel.data()[j] = narrow<T>(entry(c, object(Object::op, i), j));
  return kernel;
}
/// The image; of n entries that are no image, a line.
inline Shape shape_of(const Case& c, std::size_t n) {
  const auto h = static_cast<std::size_t>(c.height), w = static_cast<std::size_t>(c.width);
  return h * w == n ? Shape{h, w} : Shape{1, n};
}
template <typename T>
struct Make<Blur<T>> {
  static auto of(const Case& c, int i, std::size_t n) {
    const bool image = shape_of(c, n)[0] == static_cast<std::size_t>(c.height);
    return Blur<T>(shape_of(c, n), image ? kernel_of<T>(c, i) : Entries<T>("kernel", 1, 1),
                   static_cast<Padding>(padding_of(c, i)));
  }
};
template <typename T>
struct Make<FourierBlur<T>> {
  static auto of(const Case& c, int i, std::size_t n) {
    const bool image = shape_of(c, n)[0] == static_cast<std::size_t>(c.height);
    return FourierBlur<T>(shape_of(c, n), image ? kernel_of<T>(c, i) : Entries<T>("kernel", 1, 1));
  }
};
template <typename T>
using FourierOf = decltype(Fourier(Shape{1, 1}, Kokkos::View<T*>()));
template <typename T>
struct Make<Fourier<T, Kokkos::View<T*>>> {
  static auto of(const Case& c, int i, std::size_t n) {
    return Fourier(shape_of(c, n), vector_of<T>(c, Object::op, i, n));
  }
};

}  // namespace misfit::test::random_calls
