// SPDX-License-Identifier: BSD-3-Clause

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
#include <vector>

// Named, for nvcc wants so of what holds kernels.
namespace misfit::test {

/// u = a x², pointwise but not linear, as a user would write it.
struct Square {
  std::size_t domain_size() const { return n; }
  std::size_t range_size() const { return n; }
  KOKKOS_FUNCTION double apply_at(std::size_t, double x) const { return a * x * x; }
  KOKKOS_FUNCTION double vjp_at(std::size_t, double x, double r) const { return 2 * a * x * r; }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto self = *this;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, n),
        KOKKOS_LAMBDA(const std::size_t j) { y(j) = self.apply_at(j, x(j)); });
  }
  std::size_t n;
  double a;
};

/// Says that its range is smaller than its domain.
struct Short : Square {
  std::size_t range_size() const { return n - 1; }
};

}  // namespace misfit::test

namespace {

using misfit::Scope;
using misfit::test::batch_of;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::Short;
using misfit::test::Square;
using misfit::test::vector_of;

template <typename V>
V absolute(const V& view, double sign = 1) {
  V result("absolute", view.layout());
  const auto in = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  const auto out = Kokkos::create_mirror_view(result);
  for (std::size_t j = 0; j < in.size(); ++j)
    out.data()[j] = static_cast<typename V::value_type>(sign * misfit::detail::abs(in.data()[j]));
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
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, factory);
  const auto y = operators.measurements(data);
  const misfit::DistributedDataFidelity fidelity(distance, misfit::Reduction::mean);
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
  using Plain = misfit::AnyOperator<T, Exec>;
  const auto plain =
      evaluate<Plain>(n, [&](int i) { return Plain(make(i, false)); }, y, x, distance);
  const auto bound = evaluate<Plain>(
      n, [&](int i) { return Plain(make(i, true)); }, [&](int i) { return absolute(y(i), -1); },
      absolute(x), misfit::L2{0.5});

  constexpr double eps = std::numeric_limits<misfit::detail::Real<T>>::epsilon();
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
      ASSERT_LE(misfit::detail::abs((*gradient)[j] - plain.gradient[j]),
                q * misfit::detail::abs(bound.gradient[j]))
          << "entry " << j << " of " << unknowns << ", " << n << " operators";
}

template <typename T>
class FusedPathsTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(FusedPathsTest, Scalars);

// A product, a difference, two factors and a product, of which each complex one rounds twice; then
// one addition for each operator.
std::size_t pointwise_roundings(int n) { return 8 + static_cast<std::size_t>(n); }

TYPED_TEST(FusedPathsTest, masks) {
  using T = TypeParam;
  // Around the lanes of a sum, the operators taken at once, a tile, and several tiles and groups.
  for (const std::size_t unknowns : {1, 31, 32, 33, 5000, 20000})
    for (const int n : {1, 3, 4, 5, 9, 16}) {
      const auto mask = [=](int i, bool abs) {
        const auto m = vector_of<T>(40 + static_cast<std::size_t>(i), unknowns);
        return misfit::Mask{abs ? absolute(m) : m};
      };
      expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, misfit::L2{0.5});
      if (n == 5)
        expect_same<T>(n, unknowns, unknowns, pointwise_roundings(n), mask, misfit::Huber{0.8});
    }
}

TYPED_TEST(FusedPathsTest, many_masks_in_groups) {
  using T = TypeParam;
  const int n = 40 * misfit::test::world_size();
  ASSERT_GT(misfit::detail::PointwisePlan(true, sizeof(T), 100, 2, 40).groups, 1);
  expect_same<T>(
      n, 100, 100, pointwise_roundings(n),
      [](int i, bool abs) {
        const auto m = vector_of<T>(40 + static_cast<std::size_t>(i), 100);
        return misfit::Mask{abs ? absolute(m) : m};
      },
      misfit::L2{0.5});
}

TYPED_TEST(FusedPathsTest, identities) {
  expect_same<TypeParam>(
      3, 77, 77, pointwise_roundings(3), [](int, bool) { return misfit::Identity(77); },
      misfit::L2{0.5});
}

TYPED_TEST(FusedPathsTest, dense) {
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
              return misfit::Dense{abs ? absolute(a) : a};
            },
            misfit::L2{0.5});
}

TYPED_TEST(FusedPathsTest, sparse) {
  using T = TypeParam;
  for (const std::size_t rows : {1, 40, 9000})
    for (const bool banded : {true, false}) {
      const std::size_t unknowns = rows + 3;
      const auto matrix = [=](int i, bool abs) {
        // Row i has i mod 5 entries, near the diagonal or anywhere; a column may come twice.
        Kokkos::View<int*> row_map("row_map", rows + 1), columns("columns", 2 * rows + 8);
        const auto starts = Kokkos::create_mirror_view(row_map);
        const auto places = Kokkos::create_mirror_view(columns);
        int k = 0;
        for (std::size_t r = 0; r < rows; ++r) {
          starts(r) = k;
          for (std::size_t c = 0; c < r % 5; ++c)
            places(k++) = static_cast<int>((banded ? r + c / 2 : r * 37 + c * 11) % unknowns);
        }
        starts(rows) = k;
        Kokkos::deep_copy(row_map, starts);
        Kokkos::deep_copy(columns, places);
        const auto used = std::pair<int, int>(0, k);
        const auto values =
            vector_of<T>(40 + static_cast<std::size_t>(i), static_cast<std::size_t>(k));
        return misfit::Sparse(row_map, Kokkos::subview(columns, used),
                              abs ? absolute(values) : values, unknowns);
      };
      expect_same<T>(5, unknowns, rows, 2 * (rows / 7 + 70), matrix, misfit::L2{0.5});
    }
}

#if defined(KOKKOS_ENABLE_SERIAL)
template <typename E, typename Factory>
Result<double> evaluate_on(const E& exec, std::size_t unknowns, Factory&& factory) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, factory);
  const auto y =
      operators.measurements([&](int i) { return vector_of<double>(20, operators.range_size(i)); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<double>(1, unknowns), gradient = vector_of<double>(2, unknowns);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  return {
      .values = {value}, .values_alone = {}, .gradient = on_host(gradient), .gradient_alone = {}};
}

template <typename Factory>
void expect_same_bits(std::size_t unknowns, Factory&& factory) {
  const auto one = evaluate_on(Kokkos::Serial{}, unknowns, factory);
  const auto many = evaluate_on(Kokkos::DefaultHostExecutionSpace{}, unknowns, factory);
  EXPECT_EQ(one.values, many.values);
  EXPECT_EQ(one.gradient, many.gradient);
}

// One thread, against as many as the default host space has.
TEST(FusedPaths, give_the_same_bits_for_any_number_of_threads) {
  if (!misfit::detail::in_cpu_form<Exec>) GTEST_SKIP() << "for CPUs";
  if constexpr (misfit::detail::in_cpu_form<Exec>) {
    expect_same_bits(50000, [](int) { return misfit::Mask{vector_of<double>(4, 50000)}; });
    expect_same_bits(33, [](int i) {
      return misfit::Dense<Kokkos::View<double**, Kokkos::LayoutRight>>{
          batch_of<double>(static_cast<std::size_t>(i), 3000, 33)};
    });
    expect_same_bits(150 * 160, [](int i) {
      return misfit::Blur(misfit::Shape{150, 160},
                          batch_of<double>(static_cast<std::size_t>(i), 3, 3));
    });
  }
}
#endif

TEST(FusedPaths, take_a_users_nonlinear_pointwise_operator) {
  static_assert(misfit::PointwiseOperator<Square>);
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5,
                                              [](int i) { return Square{50, 0.3 + i}; });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 50); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const auto x = vector_of<double>(1, 50), gradient = vector_of<double>(2, 50);

  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);

  double expected = 0;
  std::vector<double> slope(50, 0);
  for (int i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 50; ++j) {
      const double a = 0.3 + i, x_j = entry<double>(1, j);
      const double residual = a * x_j * x_j - entry<double>(20, j);
      expected += residual * residual / 2;
      slope[j] += 2 * a * x_j * residual;
    }
  EXPECT_NEAR(value, expected, 1e-13 * expected);
  const auto found = on_host(gradient);
  for (std::size_t j = 0; j < 50; ++j) EXPECT_NEAR(found[j], slope[j], 1e-13 * expected);
}

TEST(FusedPaths, refuse_a_pointwise_operator_with_another_range) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2,
                                              [](int) { return Short{{50, 1.0}}; });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 49); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const auto x = vector_of<double>(1, 50);

  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { fidelity.fn(exec, x, y, operators); }, {"operator 0", "pointwise"});
}

TEST(FusedPaths, name_the_operator_that_leaves_the_domain) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 7, [](int i) {
    Kokkos::View<double*> m("m", 3);
    Kokkos::deep_copy(m, i == 5 ? -1.0 : 1.0);
    return misfit::Mask{m};
  });
  Kokkos::View<double*> x("x", 3), gradient("gradient", 3), data("data", 3);
  Kokkos::deep_copy(x, 1.0);
  Kokkos::deep_copy(data, 2.0);
  const auto y = operators.measurements([&](int) { return data; });
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{});

  misfit::test::expect_same_error<misfit::DomainError>(
      [&] { fidelity.grad(exec, x, y, operators, gradient); }, {"operator 5"});
  EXPECT_EQ(fidelity.fn(exec, x, y, operators), HUGE_VAL);
}

TEST(FusedPaths, carry_what_is_not_finite) {
  const Exec exec;
  Kokkos::View<double**, Kokkos::LayoutRight> zeros("zeros", 2, 3);
  Kokkos::View<double*> mask("mask", 3), x("x", 3), gradient("gradient", 3);
  const auto host = Kokkos::create_mirror_view(x);
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    host(1) = bad;
    Kokkos::deep_copy(x, host);
    const auto check = [&](const auto& make, std::size_t m) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [&](int) { return make(); });
      const auto y = operators.measurements([&](int) { return vector_of<double>(20, m); });
      // Of a bounded slope, so that it does not carry an infinity itself.
      const misfit::DistributedDataFidelity fidelity(misfit::Huber{0.1});
      EXPECT_FALSE(std::isfinite(fidelity.fn(exec, x, y, operators)));
      EXPECT_FALSE(std::isfinite(fidelity.fn_and_grad(exec, x, y, operators, gradient)));
      EXPECT_FALSE(std::isfinite(on_host(gradient)[1]));
    };
    check([&] { return misfit::Mask{mask}; }, 3);
    check([&] { return misfit::Identity{3}; }, 3);
    check([&] { return misfit::Dense{zeros}; }, 2);
  }
}

}  // namespace
