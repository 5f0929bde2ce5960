// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distributed_operator.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using misfit::Scope;
using misfit::test::Complex;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::widen;

constexpr std::size_t unknowns = 5;

std::size_t rows(int i) { return 2 + static_cast<std::size_t>(i * 3 % 5); }

template <typename T>
auto make_operators(int n) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n, [](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(i), rows(i), unknowns);
  });
}

/// Rows of all operators, one below the other, from a serial loop.
template <typename T>
std::vector<std::vector<Complex>> stacked_rows(int n) {
  std::vector<std::vector<Complex>> stack;
  for (int i = 0; i < n; ++i)
    for (std::size_t r = 0; r < rows(i); ++r) {
      stack.emplace_back();
      for (std::size_t c = 0; c < unknowns; ++c)
        stack.back().push_back(widen(entry<T>(50 + static_cast<std::size_t>(i), r * unknowns + c)));
    }
  return stack;
}

template <typename T>
class DistributedOperatorTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(DistributedOperatorTest, Scalars);

template <typename T>
constexpr double eps = std::is_same_v<misfit::detail::Real<T>, float> ? 1.2e-7 : 2.3e-16;

TYPED_TEST(DistributedOperatorTest, forward_here_and_everywhere) {
  using T = TypeParam;
  const Exec exec;
  for (const int n : {1, 2, 7}) {
    const auto operators = make_operators<T>(n);
    const auto x = vector_of<T>(1, unknowns);
    std::vector<Kokkos::View<T*>> local, all;
    for (const int i : operators.local_indices()) local.emplace_back("local", rows(i));
    for (int i = 0; i < n; ++i) all.emplace_back("all", rows(i));
    std::size_t most = 0;
    for (const int i : operators.local_indices()) most = std::max(most, rows(i));
    EXPECT_EQ(operators.max_local_range_size(), most);

    operators.forward(exec, x, local, Scope::local);
    operators.forward(exec, x, all, Scope::global);

    const auto stack = stacked_rows<T>(n);
    std::size_t row = 0;
    for (int i = 0; i < n; ++i) {
      const auto values = on_host(all[static_cast<std::size_t>(i)]);
      for (std::size_t r = 0; r < rows(i); ++r, ++row) {
        Complex expected = 0;
        for (std::size_t c = 0; c < unknowns; ++c)
          expected += stack[row][c] * widen(entry<T>(1, c));
        EXPECT_NEAR(std::abs(widen(values[r]) - expected), 0, 40 * eps<T>) << i << " " << r;
      }
    }
    for (std::size_t k = 0; k < local.size(); ++k)
      EXPECT_EQ(on_host(local[k]),
                on_host(all[static_cast<std::size_t>(operators.local_indices()[k])]));
  }
}

TYPED_TEST(DistributedOperatorTest, adjoint_and_normal_operator) {
  using T = TypeParam;
  const Exec exec;
  for (const int n : {1, 3, 8}) {
    const auto operators = make_operators<T>(n);
    const auto y = operators.measurements(
        [](int i) { return vector_of<T>(20 + static_cast<std::size_t>(i), rows(i)); });
    const auto x = vector_of<T>(1, unknowns);
    Kokkos::View<T*> adjoint("adjoint", unknowns), normal("normal", unknowns), vjp("vjp", unknowns),
        share("share", unknowns);

    operators.adjoint(exec, y, adjoint);
    operators.vjp(exec, x, y, vjp);
    operators.normal(exec, x, normal);
    operators.normal(exec, x, share, Scope::local);
    operators.communicator().all_reduce_sum(exec, share);

    const auto stack = stacked_rows<T>(n);
    for (std::size_t c = 0; c < unknowns; ++c) {
      Complex expected_adjoint = 0, expected_normal = 0;
      std::size_t row = 0;
      for (int i = 0; i < n; ++i)
        for (std::size_t r = 0; r < rows(i); ++r, ++row) {
          Complex u = 0;
          for (std::size_t k = 0; k < unknowns; ++k) u += stack[row][k] * widen(entry<T>(1, k));
          expected_normal += std::conj(stack[row][c]) * u;
          expected_adjoint +=
              std::conj(stack[row][c]) * widen(entry<T>(20 + static_cast<std::size_t>(i), r));
        }
      const double bound = 60 * eps<T> * static_cast<double>(stack.size()) * 4;
      EXPECT_NEAR(std::abs(widen(on_host(adjoint)[c]) - expected_adjoint), 0, bound);
      EXPECT_NEAR(std::abs(widen(on_host(vjp)[c]) - expected_adjoint), 0, bound);
      EXPECT_NEAR(std::abs(widen(on_host(normal)[c]) - expected_normal), 0, bound * 10);
      EXPECT_NEAR(std::abs(widen(on_host(share)[c]) - expected_normal), 0, bound * 10);
    }
  }
}

TYPED_TEST(DistributedOperatorTest, batch_is_its_signals) {
  using T = TypeParam;
  const Exec exec;
  const auto operators = make_operators<T>(4);
  const auto x = misfit::test::batch_of<T>(1, 3, unknowns);
  Kokkos::View<T**, Kokkos::LayoutRight> g("g", 3, unknowns);

  operators.normal(exec, x, g);

  for (int b = 0; b < 3; ++b) {
    Kokkos::View<T*> one("one", unknowns);
    operators.normal(exec, Kokkos::subview(x, b, Kokkos::ALL), one);
    const auto expected = on_host(one), all = on_host(g);
    for (std::size_t c = 0; c < unknowns; ++c)
      EXPECT_EQ(all[static_cast<std::size_t>(b) * unknowns + c], expected[c]);
  }
}

TYPED_TEST(DistributedOperatorTest, norm_and_least_squares) {
  using T = TypeParam;
  const Exec exec;
  const auto operators = make_operators<T>(6);
  const auto x_true = vector_of<T>(1, unknowns);
  std::vector<Kokkos::View<T*>> y;
  for (const int i : operators.local_indices()) y.emplace_back("y", rows(i));
  operators.forward(exec, x_true, y, Scope::local);
  constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;

  const auto norm = operators.template norm_squared<T>(exec, {.tolerance = single ? 1e-6 : 1e-7});
  Kokkos::View<T*> x("x", unknowns);
  const auto solved = operators.least_squares(
      exec, y, x, {.tolerance = single ? 1e-5 : 1e-12, .max_iterations = 50});

  // ‖A‖² by a serial power iteration in long double.
  const auto stack = stacked_rows<T>(6);
  std::vector<Complex> v(unknowns, Complex(1, 0.5));
  long double expected = 0;
  for (int iteration = 0; iteration < 2000; ++iteration) {
    std::vector<Complex> w(unknowns, 0);
    for (const auto& row : stack) {
      Complex u = 0;
      for (std::size_t c = 0; c < unknowns; ++c) u += row[c] * v[c];
      for (std::size_t c = 0; c < unknowns; ++c) w[c] += std::conj(row[c]) * u;
    }
    expected = 0;
    for (const auto& z : w) expected += std::norm(z);
    expected = std::sqrt(expected);
    for (std::size_t c = 0; c < unknowns; ++c) v[c] = w[c] / expected;
  }
  EXPECT_TRUE(norm.converged);
  EXPECT_NEAR(norm.value / static_cast<double>(expected), 1, single ? 1e-5 : 1e-6);
  EXPECT_TRUE(solved.converged) << solved.residual;
  for (std::size_t c = 0; c < unknowns; ++c)
    EXPECT_NEAR(std::abs(widen(on_host(x)[c]) - widen(entry<T>(1, c))), 0, single ? 1e-3 : 1e-10);
}

TYPED_TEST(DistributedOperatorTest, least_squares_with_tikhonov) {
  using T = TypeParam;
  const Exec exec;
  const auto operators = make_operators<T>(4);
  const auto y = operators.measurements(
      [](int i) { return vector_of<T>(static_cast<std::size_t>(i) + 20, rows(i)); });
  Kokkos::View<T*> x("x", unknowns);
  constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;
  constexpr long double lambda = 0.7L;

  const auto solved = operators.least_squares(exec, y, x,
                                              {.tolerance = single ? 1e-5 : 1e-13,
                                               .max_iterations = 50,
                                               .tikhonov = static_cast<double>(lambda)});

  // A^H (A x − y) + λ x = 0, in long double.
  std::vector<Complex> residual(unknowns);
  for (std::size_t c = 0; c < unknowns; ++c) residual[c] = lambda * widen(on_host(x)[c]);
  std::size_t j = 0;
  const auto stack = stacked_rows<T>(4);
  for (int i = 0; i < 4; ++i)
    for (std::size_t row = 0; row < rows(i); ++row, ++j) {
      Complex u = -widen(entry<T>(static_cast<std::size_t>(i) + 20, row));
      for (std::size_t c = 0; c < unknowns; ++c) u += stack[j][c] * widen(on_host(x)[c]);
      for (std::size_t c = 0; c < unknowns; ++c) residual[c] += std::conj(stack[j][c]) * u;
    }
  EXPECT_TRUE(solved.converged) << solved.residual;
  for (const auto& z : residual) EXPECT_NEAR(std::abs(z), 0, single ? 1e-3 : 1e-11);
}

TEST(DistributedOperator, iterations_are_bounded_and_said) {
  const Exec exec;
  const auto operators = make_operators<double>(6);
  const auto y = operators.measurements([](int i) { return vector_of<double>(20, rows(i)); });
  Kokkos::View<double*> x("x", unknowns);

  const auto norm = operators.norm_squared<double>(exec, {.tolerance = 0, .max_iterations = 3});
  const auto solved = operators.least_squares(exec, y, x, {.tolerance = 0, .max_iterations = 2});

  EXPECT_FALSE(norm.converged);
  EXPECT_EQ(norm.iterations, 3);
  EXPECT_FALSE(solved.converged);
  EXPECT_EQ(solved.iterations, 2);
}

TEST(DistributedOperator, none_at_all) {
  const Exec exec;
  const auto operators = make_operators<double>(0);
  const auto x = vector_of<double>(1, 3);
  Kokkos::View<double*> g("g", 3);
  Kokkos::deep_copy(g, 7.0);

  operators.normal(exec, x, g);

  EXPECT_EQ(on_host(g), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(operators.norm_squared<double>(exec).value, 0);
}

}  // namespace
