// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The passes that misfit takes for pointwise operators and for operators by rows, against the
// general one: apply, distance, adjoint.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::test {

template <typename V>
V absolute(const V& view, double sign = 1) {
  V result("absolute", view.layout());
  const auto in = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  const auto out = Kokkos::create_mirror_view(result);
  for (std::size_t j = 0; j < in.size(); ++j)
    out.data()[j] = static_cast<typename V::value_type>(sign * detail::abs(in.data()[j]));
  Kokkos::deep_copy(result, out);
  return result;
}

/// Values and a gradient at once, and each alone: other code, which the compiler may round
/// otherwise.
template <typename T>
struct Result {
  std::vector<double> values, values_alone;
  std::vector<T> gradient, gradient_alone;
};

/// Of operators and data that are functions of one type, so that it is compiled once for each `Op`.
template <typename Op, typename X, typename D>
auto evaluate(int n, const std::function<Op(int)>& factory,
              const std::function<std::type_identity_t<X>(int)>& data, const X& x,
              const D& distance) {
  const Exec exec;
  const DistributedOperator operators(MPI_COMM_WORLD, n, factory);
  const auto y = operators.measurements(data);
  const DistributedDataFidelity fidelity(distance, Reduction::mean);
  X gradient("gradient", x.layout());

  Result<typename X::non_const_value_type> result;
  result.values = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  result.gradient = on_host(gradient);
  result.values_alone = fidelity.fn(exec, x, y, operators);
  fidelity.grad(exec, x, y, operators, gradient);
  result.gradient_alone = on_host(gradient);
  return result;
}

/// Expects the two paths to agree. `make(i, abs)` makes operator i, or that of its absolute
/// entries.
///
/// Every number that a path computes is a sum of products of entries of A, x and y. With all of
/// them replaced by their absolute values (and y by −|y|, so that the residual adds), L2 gives the
/// sum of the absolute values of all these terms, and for the other distances here an upper bound.
/// A path that rounds each term at most q times in a row is wrong by at most q eps / 2 of that, to
/// first order, so two paths differ by at most q eps.
template <typename T, typename Make, typename D>
void expect_same(int n, std::size_t unknowns, std::size_t rows, std::size_t roundings, Make&& make,
                 const D& distance) {
  using Op = std::invoke_result_t<Make&, int, bool>;
  const auto x = batch_of<T>(1, 2, unknowns);
  const auto y = [&](int i) { return batch_of<T>(20 + static_cast<std::size_t>(i), 2, rows); };
  const auto fused = evaluate<Op>(n, [&](int i) { return make(i, false); }, y, x, distance);
  // Of the operator within it shows nothing but what every operator has: this is the general path.
  using Plain = AnyOperator<T, Exec>;
  const auto plain =
      evaluate<Plain>(n, [&](int i) { return Plain(make(i, false)); }, y, x, distance);
  const auto bound = evaluate<Plain>(
      n, [&](int i) { return Plain(make(i, true)); }, [&](int i) { return absolute(y(i), -1); },
      absolute(x), L2{0.5});

  constexpr double eps = std::numeric_limits<detail::Real<T>>::epsilon();
  const double q = static_cast<double>(roundings) * eps;
  // A value squares the residual, and adds up all rows in double.
  const double q_value =
      2 * q + static_cast<double>(rows) * n * std::numeric_limits<double>::epsilon();
  for (std::size_t b = 0; b < 2; ++b) {
    EXPECT_NEAR(fused.values[b], plain.values[b], q_value * bound.values[b]);
    EXPECT_NEAR(fused.values_alone[b], plain.values[b], q_value * bound.values[b]);
  }
  for (std::size_t j = 0; j < fused.gradient.size(); ++j)
    for (const auto* gradient : {&fused.gradient, &fused.gradient_alone})
      ASSERT_LE(detail::abs((*gradient)[j] - plain.gradient[j]), q * detail::abs(bound.gradient[j]))
          << "entry " << j << " of " << unknowns << ", " << n << " operators";
}

template <typename T>
class FusedPathsTest : public testing::Test {};
TYPED_TEST_SUITE_P(FusedPathsTest);

// A product, a difference, two factors and a product, of which each complex one rounds twice; then
// one addition for each operator.
inline std::size_t pointwise_roundings(int n) { return 8 + static_cast<std::size_t>(n); }

TYPED_TEST_P(FusedPathsTest, masks) {
  using T = TypeParam;
  // Around the lanes of a sum, the operators taken at once, a tile, and several tiles and groups.
  for (const std::size_t unknowns : {1, 31, 32, 33, 5000, 20000})
    for (const int n : {1, 2, 3, 4, 5, 10, 16}) {
      const auto mask = [=](int i, bool abs) {
        const auto m = vector_of<T>(40 + static_cast<std::size_t>(i), unknowns);
        return Mask{abs ? absolute(m) : m};
      };
      expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, L2{0.5});
      if (n == 5) expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, Huber{0.8});
    }
}

TYPED_TEST_P(FusedPathsTest, many_masks_in_groups) {
  using T = TypeParam;
  const int n = 40 * world_size();
  ASSERT_GT(detail::PointwisePlan(true, sizeof(T), 100, 2, 40).groups, 1);
  expect_same<T>(
      n, 100, 100, pointwise_roundings(n),
      [](int i, bool abs) {
        const auto m = vector_of<T>(40 + static_cast<std::size_t>(i), 100);
        return Mask{abs ? absolute(m) : m};
      },
      L2{0.5});
}

/// Around a word of bits and the masks taken at once.
template <typename T>
void expect_same_of_booleans() {
  for (const std::size_t unknowns : {1, 31, 32, 33, 63, 97, 20000})
    for (const int n : {1, 6, 8, 11}) {
      const auto mask = [=](int i, bool) {
        return Mask{booleans_of(40 + static_cast<std::size_t>(i), unknowns)};
      };
      expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, L2{0.5});
      if constexpr (std::is_same_v<T, float>)
        expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, Huber{0.8});
    }
}

TYPED_TEST_P(FusedPathsTest, identities) {
  expect_same<TypeParam>(
      3, 77, 77, pointwise_roundings(3), [](int, bool) { return Identity(77); }, L2{0.5});
}

TYPED_TEST_P(FusedPathsTest, dense) {
  using T = TypeParam;
  using Matrix = Kokkos::View<T**, Kokkos::LayoutRight>;
  // Less than the rows taken together, several blocks of rows, several pieces.
  for (const std::size_t rows : {1, 5, 70, 3000})
    for (const std::size_t unknowns : {1, 33, 70})
      for (const int n : {1, 5})
        expect_same<T>(
            n, unknowns, rows, 2 * (unknowns + rows * static_cast<std::size_t>(n)) + 8,
            [=](int i, bool abs) {
              const Matrix a = batch_of<T>(40 + static_cast<std::size_t>(i), rows, unknowns);
              return Dense{abs ? absolute(a) : a};
            },
            L2{0.5});
}

/// Row i has i mod 5 entries, near the diagonal or anywhere, every 64th row 17 more; a column may
/// come twice.
template <typename T>
auto uneven_matrix(std::size_t rows, std::size_t unknowns, bool banded) {
  return [=](int i, bool abs) {
    Kokkos::View<int*> row_map("row_map", rows + 1), columns("columns", 3 * rows + 40);
    const auto starts = Kokkos::create_mirror_view(row_map);
    const auto places = Kokkos::create_mirror_view(columns);
    int k = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      starts(r) = k;
      for (std::size_t c = 0; c < r % 5 + (r % 64 == 1 ? 17 : 0); ++c)
        places(k++) = static_cast<int>((banded ? r + c / 2 : r * 37 + c * 11) % unknowns);
    }
    starts(rows) = k;
    Kokkos::deep_copy(row_map, starts);
    Kokkos::deep_copy(columns, places);
    const auto used = std::pair<int, int>(0, k);
    const auto values = vector_of<T>(40 + static_cast<std::size_t>(i), static_cast<std::size_t>(k));
    return Sparse(row_map, Kokkos::subview(columns, used), abs ? absolute(values) : values,
                  unknowns);
  };
}

TYPED_TEST_P(FusedPathsTest, sparse) {
  using T = TypeParam;
  for (const std::size_t rows : {1, 40, 9000})
    for (const bool banded : {true, false})
      expect_same<T>(5, rows + 3, rows, 2 * (rows / 7 + 70),
                     uneven_matrix<T>(rows, rows + 3, banded), L2{0.5});
}

TYPED_TEST_P(FusedPathsTest, many_sparse_in_groups) {
  using T = TypeParam;
  const int n = 40 * world_size();
  expect_same<T>(n, 10, 90, 60 * static_cast<std::size_t>(n + 1), uneven_matrix<T>(90, 10, false),
                 L2{0.5});
}

REGISTER_TYPED_TEST_SUITE_P(FusedPathsTest, masks, many_masks_in_groups, identities, dense, sparse,
                            many_sparse_in_groups);

}  // namespace misfit::test
