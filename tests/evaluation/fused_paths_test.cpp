// SPDX-License-Identifier: BSD-3-Clause

// What the passes for pointwise operators and for operators by rows keep to.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/detail/sums/blas1.hpp>
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

using misfit::test::batch_of;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::Short;
using misfit::test::Square;
using misfit::test::vector_of;

#if defined(KOKKOS_ENABLE_SERIAL)
struct Result {
  double value;
  std::vector<double> gradient;
};

template <typename E, typename Factory>
Result evaluate_on(const E& exec, std::size_t unknowns, Factory&& factory) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, factory);
  const auto y =
      operators.measurements([&](int i) { return vector_of<double>(20, operators.range_size(i)); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<double>(1, unknowns), gradient = vector_of<double>(2, unknowns);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  return {value, on_host(gradient)};
}

template <typename Factory>
void expect_same_bits(std::size_t unknowns, Factory&& factory) {
  const auto one = evaluate_on(Kokkos::Serial{}, unknowns, factory);
  const auto many = evaluate_on(Kokkos::DefaultHostExecutionSpace{}, unknowns, factory);
  EXPECT_EQ(one.value, many.value);
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

/// f and ∇f of five masks, and ∇f alone, of a signal and data that are `scale` times as large.
template <typename T>
std::pair<double, std::vector<T>> of_scaled_masks(double scale, const misfit::L2& distance) {
  constexpr std::size_t unknowns = 100;
  const auto scaled = [=](const Kokkos::View<T*>& view) {
    misfit::detail::axpby(Exec{}, scale, view, 0, view);
    return view;
  };
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_SELF, 5, [=](int i) {
    return misfit::Mask{vector_of<T>(40 + static_cast<std::size_t>(i), unknowns)};
  });
  const auto y = operators.measurements(
      [=](int i) { return scaled(vector_of<T>(20 + static_cast<std::size_t>(i), unknowns)); });
  const auto x = scaled(vector_of<T>(1, unknowns));
  const misfit::DistributedDataFidelity fidelity(distance);
  const Kokkos::View<T*> gradient("gradient", unknowns), alone("gradient", unknowns);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  fidelity.grad(exec, x, y, operators, alone);
  EXPECT_NEAR(fidelity.fn(exec, x, y, operators), value,
              16 * std::numeric_limits<misfit::detail::Real<T>>::epsilon() * value);
  auto gradients = on_host(gradient);
  const auto others = on_host(alone);
  gradients.insert(gradients.end(), others.begin(), others.end());
  return {value, gradients};
}

/// Powers of two, so that f and ∇f are scaled without rounding; of floats the squares of residuals,
/// weights, or residuals themselves are beyond their range.
template <typename T>
void expect_masks_of_any_scale() {
  using R = misfit::detail::Real<T>;
  constexpr bool single = std::is_same_v<R, float>;
  const auto [value, gradient] = of_scaled_masks<T>(1, misfit::L2{0.5});
  for (const double exponent : {-1.0, 1.0}) {
    const double scale = std::exp2(exponent * (single ? 80 : 480));
    for (const double sigma : {0.5, 0.5 * scale}) {
      const auto [scaled, its_gradient] = of_scaled_masks<T>(scale, misfit::L2{sigma});
      const double f = value * (scale / (2 * sigma)) * (scale / (2 * sigma));
      EXPECT_NEAR(scaled, f, 16 * std::numeric_limits<R>::epsilon() * f) << scale << " " << sigma;
      for (std::size_t j = 0; j < gradient.size(); ++j)
        ASSERT_LE(
            misfit::detail::abs(
                its_gradient[j] / static_cast<R>(scale / (2 * sigma) / (2 * sigma)) - gradient[j]),
            200 * std::numeric_limits<R>::epsilon());
    }
  }
  if (!single) return;
  if constexpr (std::is_same_v<T, float>) {
    const double f = value * (2.5e38 / 2e10) * (2.5e38 / 2e10);
    EXPECT_NEAR(of_scaled_masks<T>(2.5e38, misfit::L2{1e10}).first, f, 1e-5 * f);
  }
  const auto [zero, nothing] = of_scaled_masks<T>(0, misfit::L2{0.5});
  EXPECT_EQ(zero, 0);
  EXPECT_EQ(nothing, std::vector<T>(gradient.size()));
}

TEST(FusedPaths, masks_of_any_scale) {
  expect_masks_of_any_scale<float>();
  expect_masks_of_any_scale<double>();
  expect_masks_of_any_scale<Kokkos::complex<float>>();
}

}  // namespace
