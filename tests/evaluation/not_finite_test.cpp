// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation/unknowns.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/zero.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/sparse.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using misfit::Scope;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::widen;

template <typename T>
void expect_never_finite(T bad) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(i), 4, unknowns);
  });
  const auto y = operators.measurements([](int) { return vector_of<T>(20, 4); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{});
  const auto x = vector_of<T>(1, unknowns);
  Kokkos::deep_copy(Kokkos::subview(x, 3), bad);
  Kokkos::View<T*> gradient("gradient", unknowns);
  const auto finite = [&] {
    for (const auto& g : on_host(gradient))
      if (!std::isfinite(std::abs(widen(g)))) return false;
    return true;
  };
  for (const auto scope : {Scope::global, Scope::local}) {
    EXPECT_FALSE(std::isfinite(fidelity.fn(exec, x, y, operators, scope)));
    fidelity.grad(exec, x, y, operators, gradient, scope);
    EXPECT_FALSE(finite());
    EXPECT_FALSE(std::isfinite(fidelity.fn_and_grad(exec, x, y, operators, gradient, scope)));
    EXPECT_FALSE(finite());
  }
}

template <typename Factory>
void expect_not_hidden(const Factory& factory) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, factory);
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 3); });
  const auto x = vector_of<double>(1, 6);
  Kokkos::deep_copy(Kokkos::subview(x, 3), std::nan(""));
  Kokkos::View<double*> gradient("gradient", 6);
  const auto check = [&](const auto& fidelity) {
    EXPECT_TRUE(std::isnan(fidelity.fn(exec, x, y, operators)));
    EXPECT_TRUE(std::isnan(fidelity.fn_and_grad(exec, x, y, operators, gradient)));
    fidelity.grad(exec, x, y, operators, gradient);
    EXPECT_TRUE(std::isnan(on_host(gradient)[3]));
  };
  check(misfit::DistributedDataFidelity(misfit::L2{}));
  check(misfit::DistributedDataFidelity(misfit::Zero{}));
}

// Neither a distance that is always 0 nor operators that drop entry 3 hide it.
TEST(NotFinite, x_is_not_hidden) {
  expect_not_hidden([](int) { return misfit::Downsample({6}, 2); });
  expect_not_hidden([](int) {
    using Indices = Kokkos::View<int*>;
    const Indices row_map("row_map", 4), columns("columns", 3);
    const Exec exec;
    Kokkos::parallel_for(
        misfit::detail::range(exec, 4), KOKKOS_LAMBDA(const std::int64_t k) {
          row_map(k) = static_cast<int>(k);
          if (k < 3) columns(k) = static_cast<int>(2 * k);
        });
    return misfit::Sparse(row_map, columns, vector_of<double>(4, 3), 6);
  });
}

/// As least_squares() and the prox of other distances.
TEST(NotFinite, data_are_not_hidden_from_prox) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2, [](int i) {
    return misfit::Mask(vector_of<double>(static_cast<std::size_t>(i), 9));
  });
  std::vector<Kokkos::View<double*>> y;
  for (const int i : operators.local_indices()) {
    y.emplace_back("y", 9);
    Kokkos::deep_copy(Kokkos::subview(y.back(), 4), i == 1 ? std::nan("") : 1);
  }
  const auto v = vector_of<double>(5, 9);
  const Kokkos::View<double*> result("result", 9);
  const auto expect_nan = [&](const auto& distance) {
    const misfit::DistributedDataFidelity fidelity(distance);
    EXPECT_FALSE(fidelity.prox(exec, 0.5, v, y, operators, result).converged);
    EXPECT_TRUE(std::isnan(on_host(result)[4]));
  };
  expect_nan(misfit::L2{0.5});
  expect_nan(misfit::Huber{0.5});
}

// All of a solution, not only what the data that are not finite reach.
TEST(NotFinite, data_are_not_hidden_from_least_squares) {
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 1, [](int) { return misfit::Mask(misfit::test::positive_vector_of(1, 3)); });
  const Kokkos::View<double*> x("x", 3);
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    std::vector<Kokkos::View<double*>> y;
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k) {
      y.push_back(vector_of<double>(1, 3));
      Kokkos::deep_copy(Kokkos::subview(y.back(), 1), bad);
    }
    EXPECT_FALSE(operators.least_squares(exec, y, x).converged);
    for (const double entry : on_host(x)) EXPECT_TRUE(std::isnan(entry)) << bad;
  }
}

// A distance takes NaN for a number beyond its bend.
TEST(NotFinite, x_is_not_hidden_from_products_at_a_point) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2, [](int i) {
    return misfit::Mask(vector_of<double>(static_cast<std::size_t>(i), 6));
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 6); });
  const auto x = vector_of<double>(1, 6), v = vector_of<double>(2, 6);
  Kokkos::deep_copy(Kokkos::subview(x, 3), std::nan(""));
  const Kokkos::View<double*> product("product", 6), w("w", 6);
  const misfit::DistributedDataFidelity fidelity(misfit::Huber{0.5});
  auto point = fidelity.at(exec, x, y, operators);
  point.gauss_newton(v, product);
  EXPECT_TRUE(std::isnan(on_host(product)[3]));
  EXPECT_FALSE(std::isnan(on_host(product)[2]));

  misfit::second_derivative(exec, misfit::Huber{0.5}, x, v, w);
  EXPECT_TRUE(std::isnan(on_host(w)[3]));
}

TEST(NotFinite, x_never_gives_a_finite_answer) {
  const double nan = std::nan(""), infinity = INFINITY;
  expect_never_finite(nan);
  expect_never_finite(infinity);
  expect_never_finite(Kokkos::complex<double>(1, nan));
  expect_never_finite(Kokkos::complex<float>(-INFINITY, 1));
}

}  // namespace
