// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A data fidelity at a point against fn, grad and central differences of grad.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace misfit::test {

template <typename V>
double largest_of(const V& view) {
  double largest = 0;
  for (const auto& entry : on_host(view)) largest = std::max(largest, detail::abs(entry));
  return largest;
}

/// a + factor b.
template <typename V>
V sum_of(const V& a, double factor, const V& b) {
  const V sum(a.label(), a.layout());
  detail::axpby(Exec{}, 1, detail::all_signals(a), 0, detail::all_signals(sum));
  detail::axpby(Exec{}, factor, detail::all_signals(b), 1, detail::all_signals(sum));
  Exec{}.fence();
  return sum;
}
template <typename V>
void expect_near(const V& view, const V& expected, double tolerance, const char* what) {
  EXPECT_LE(largest_of(sum_of(view, -1, expected)), tolerance * largest_of(expected)) << what;
}

/// (∇f(x + e v) − ∇f(x − e v)) / 2e.
template <typename F, typename X, typename Y, typename Ops>
X change_of_gradient(const F& fidelity, const X& x, const Y& y, const Ops& operators, const X& v,
                     double e) {
  const X plus("plus", x.layout()), minus("minus", x.layout());
  fidelity.grad(Exec{}, sum_of(x, e, v), y, operators, plus);
  fidelity.grad(Exec{}, sum_of(x, -e, v), y, operators, minus);
  const X zero("zero", x.layout());
  return sum_of(zero, 0.5 / e, sum_of(plus, -1, minus));
}

/// `product(point, v, result)` is a product with the Hessian of f.
template <typename F, typename X, typename Y, typename Ops, typename Product>
void expect_point(const F& fidelity, const X& x, const Y& y, const Ops& operators, const X& v,
                  const Product& product) {
  auto point = fidelity.at(Exec{}, x, y, operators);
  const X gradient("gradient", x.layout()), expected("expected", x.layout());
  const auto values = fidelity.fn_and_grad(Exec{}, x, y, operators, expected);
  point.gradient(gradient);
  expect_near(gradient, expected, 1e-13, "gradient");
  const auto terms = point.values();
  const std::size_t batch = detail::batch_size(x);
  ASSERT_EQ(terms.size(), batch * static_cast<std::size_t>(operators.size()));
  const double factor = fidelity.reduction() == Reduction::mean ? 1.0 / operators.size() : 1.0;
  for (std::size_t b = 0; b < batch; ++b) {
    double sum = 0;
    for (std::size_t k = b; k < terms.size(); k += batch) sum += factor * terms[k];
    EXPECT_NEAR(sum, values[b], 1e-13 * std::abs(values[b]));
    EXPECT_EQ(sum * 0 + point.value()[b], point.value()[b]);
    EXPECT_NEAR(point.value()[b], values[b], 1e-13 * std::abs(values[b]));
  }
  product(point, v, gradient);
  expect_near(gradient, change_of_gradient(fidelity, x, y, operators, v, 1e-5), 1e-8, "product");
}

inline const auto gauss_newton = [](auto& point, const auto& v, const auto& product) {
  point.gauss_newton(v, product);
};
inline const auto hessian = [](auto& point, const auto& v, const auto& product) {
  point.hessian(v, product);
};

/// Data of two signals for each operator of `operators`; positive where they are real.
template <typename U, typename Ops>
auto data_for(const Ops& operators) {
  return operators.measurements([&](int i) {
    const std::size_t size = operators.range_size(i);
    const Batch<U> y("y", 2, size);
    const auto numbers = positive_vector_of(static_cast<std::size_t>(i), 2 * size);
    for (std::size_t j = 0; j < 2 * size; ++j) y.data()[j] = U(numbers(j));
    return y;
  });
}
inline Batch<double> positive_batch(std::size_t k, std::size_t n) {
  const Batch<double> batch("x", 2, n);
  const auto numbers = positive_vector_of(k, 2 * n);
  for (std::size_t j = 0; j < 2 * n; ++j) batch.data()[j] = 0.2 * numbers(j);
  return batch;
}

/// Of all ranks.
template <typename V>
double dot(const V& a, const V& b) {
  const double own = detail::dot(Exec{}, detail::all_signals(a), detail::all_signals(b));
  double sum = 0;
  MPI_Allreduce(&own, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sum;
}
template <typename Point, typename V, typename Product>
void expect_symmetric(Point& point, const V& a, const V& b, const Product& product) {
  const V of_a("of a", a.layout()), of_b("of b", a.layout());
  product(point, a, of_a);
  product(point, b, of_b);
  EXPECT_NEAR(dot(b, of_a), dot(a, of_b),
              1e-13 * std::sqrt(dot(of_a, of_a) * dot(b, b) + dot(of_b, of_b) * dot(a, a)));
}

/// Where the data are what is predicted, Gauss–Newton's product is the Hessian's.
template <typename U, typename Ops, typename X>
void expect_gauss_newton(const Ops& operators, const X& x, const X& v) {
  const DistributedDataFidelity fidelity(L2{0.7}, Reduction::mean);
  const auto predicted = operators.template allocate_measurements<U>(2);
  operators.forward(Exec{}, x, predicted, Scope::local);
  expect_point(fidelity, x, operators.measurements(Exec{}, predicted), operators, v, gauss_newton);
  auto point = fidelity.at(Exec{}, x, data_for<U>(operators), operators);
  expect_symmetric(point, x, v, gauss_newton);
  const X expected("expected", x.layout()), gradient("gradient", x.layout());
  fidelity.grad(Exec{}, x, data_for<U>(operators), operators, expected);
  point.gradient(gradient);
  expect_near(gradient, expected, 1e-13, "gradient");
}
template <typename Ops, typename X>
void expect_hessian(const Ops& operators, const X& x, const X& v) {
  expect_gauss_newton<double>(operators, x, v);
  const DistributedDataFidelity fidelity(L2{0.7}, Reduction::mean);
  const auto y = data_for<double>(operators);
  expect_point(fidelity, x, y, operators, v, hessian);
  auto point = fidelity.at(Exec{}, x, y, operators);
  expect_symmetric(point, x, v, hessian);
}

}  // namespace misfit::test
