// SPDX-License-Identifier: BSD-3-Clause

// The prox of fidelities whose distances are not quadratic.

#include "evaluation/unknowns.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/any_distance.hpp>
#include <misfit/distances/huber.hpp>
#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/mask.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <type_traits>

namespace {

using misfit::Reduction;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::widen;
using Any = misfit::AnyDistance<double>;

constexpr int n = 5;
const misfit::SolverOptions accurate{.tolerance = 1e-13, .max_iterations = 20000};

template <typename T>
misfit::DistributedOperator<MatrixOperator<T>> matrices(std::size_t rows) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n, [=](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(i), rows, unknowns);
  });
}
template <typename T>
auto data(std::size_t rows) {
  return [=](int i) { return vector_of<T>(20 + static_cast<std::size_t>(i), rows); };
}

/// Re⟨a, b⟩ of vectors on the host.
template <typename V>
double product(const V& a, const V& b) {
  long double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (std::conj(widen(a[j])) * widen(b[j])).real();
  return static_cast<double>(sum);
}

template <typename T>
class DualProx : public testing::Test {
 protected:
  using Real = misfit::detail::Real<T>;
  static constexpr bool single = std::is_same_v<Real, float>;
  const Exec exec{};
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(DualProx, Scalars);

// Optimality: p + γ∇f(p) = v.
TYPED_TEST(DualProx, of_huber) {
  using T = TypeParam;
  const auto operators = matrices<T>(6);
  const auto y = operators.measurements(data<T>(6));
  const auto v = vector_of<T>(1, unknowns);
  const double gamma = 0.3;
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(
        operators, [](int i) { return misfit::Huber{0.5 + 0.1 * i}; }, reduction);
    const Kokkos::View<T*> p("p", unknowns), gradient("gradient", unknowns);
    const misfit::SolverOptions options{.tolerance = this->single ? 2e-5 : 1e-13,
                                        .max_iterations = 2000};

    const auto result = fidelity.prox(this->exec, gamma, v, y, operators, p, options);

    fidelity.grad(this->exec, p, y, operators, gradient);
    const auto p_host = on_host(p), g = on_host(gradient), v_host = on_host(v);
    EXPECT_TRUE(result.converged) << result.residual << " after " << result.iterations;
    for (std::size_t j = 0; j < unknowns; ++j)
      EXPECT_NEAR(std::abs(widen(p_host[j]) + static_cast<long double>(gamma) * widen(g[j]) -
                           widen(v_host[j])),
                  0, this->single ? 2e-4 : 1e-10);

    const Kokkos::View<T*> in_place("in place", unknowns);
    Kokkos::deep_copy(in_place, v);
    fidelity.prox(this->exec, gamma, in_place, y, operators, in_place, options);
    EXPECT_EQ(on_host(in_place), p_host);
  }
}

// One entry by itself: the soft threshold of x − y/w at γ w around y/w.
TYPED_TEST(DualProx, of_l1_over_a_mask_is_a_soft_threshold) {
  using T = TypeParam;
  using Real = misfit::detail::Real<T>;
  const auto weight = vector_of<Real>(3, unknowns);
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [&](int) { return misfit::Mask{weight}; });
  const auto y = operators.measurements(data<T>(unknowns));
  const auto v = vector_of<T>(1, unknowns);
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  const double gamma = 0.4;
  const Kokkos::View<T*> p("p", unknowns);

  const auto result =
      fidelity.prox(this->exec, gamma, v, y, operators, p,
                    {.tolerance = this->single ? 1e-6 : 1e-13, .max_iterations = 2000});

  EXPECT_TRUE(result.converged) << result.residual;
  const auto p_host = on_host(p), v_host = on_host(v), y_host = on_host(vector_of<T>(20, unknowns));
  const auto w_host = on_host(weight);
  for (std::size_t j = 0; j < unknowns; ++j) {
    const long double w = w_host[j];
    const auto center = widen(y_host[j]) / w, from = widen(v_host[j]) - center;
    const long double kept =
        std::max(0.0L, 1 - static_cast<long double>(gamma) * std::abs(w) / std::abs(from));
    EXPECT_NEAR(std::abs(widen(p_host[j]) - center - kept * from), 0, this->single ? 1e-4 : 1e-11);
  }
}

// Nearest to v of the points that fit all data: (x − v)·(z − x) ≥ 0 for all of these.
TYPED_TEST(DualProx, of_indicators_is_the_projection_on_what_fits_the_data) {
  using T = TypeParam;
  const auto operators = matrices<T>(3);
  const auto center = vector_of<T>(8, unknowns);
  const auto y = operators.measurements([&](int i) {
    const Kokkos::View<T*> clean("clean", 3);
    MatrixOperator<T>(static_cast<std::size_t>(i), 3, unknowns).apply(this->exec, center, clean);
    return clean;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::IndicatorL2{0.1});
  const misfit::DistributedDataFidelity slightly_larger(misfit::IndicatorL2{0.1001});
  const auto v = vector_of<T>(1, unknowns);
  const Kokkos::View<T*> p("p", unknowns), z("z", unknowns);

  const auto result =
      fidelity.prox(this->exec, 1.0, v, y, operators, p,
                    {.tolerance = this->single ? 2e-6 : 1e-12, .max_iterations = 50000});

  EXPECT_TRUE(result.converged) << result.residual;
  EXPECT_EQ(slightly_larger.fn(this->exec, p, y, operators), 0);
  const auto x = on_host(p), v_host = on_host(v), c = on_host(center);
  EXPECT_GT(product(x, x), 0);
  int fitting = 0;
  for (std::size_t k = 0; k < 200; ++k) {
    const auto random = on_host(vector_of<T>(100 + k, unknowns));
    const auto z_host = Kokkos::create_mirror_view(z);
    for (std::size_t j = 0; j < unknowns; ++j)
      z_host(j) = c[j] + static_cast<typename TestFixture::Real>(0.01) * random[j];
    Kokkos::deep_copy(z, z_host);
    if (fidelity.fn(this->exec, z, y, operators) > 0) continue;
    ++fitting;
    auto from_v = x, on = x;
    for (std::size_t j = 0; j < unknowns; ++j) {
      from_v[j] = x[j] - v_host[j];
      on[j] = z_host(j) - x[j];
    }
    EXPECT_GT(product(from_v, on), -2e-3);
  }
  EXPECT_GT(fitting, 10);
}

TEST(DualProxOfPoisson, is_where_its_gradient_vanishes) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return misfit::Mask{misfit::test::positive_vector_of(static_cast<std::size_t>(i), unknowns)};
  });
  const auto y = operators.measurements([](int i) {
    return misfit::test::positive_vector_of(20 + static_cast<std::size_t>(i), unknowns);
  });
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{0.7, 0.2});
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns), gradient("gradient", unknowns);

  const auto result = fidelity.prox(exec, 0.8, v, y, operators, p, accurate);

  EXPECT_TRUE(result.converged) << result.residual;
  fidelity.grad(exec, p, y, operators, gradient);
  const auto x = on_host(p), g = on_host(gradient), v_host = on_host(v);
  for (std::size_t j = 0; j < unknowns; ++j) EXPECT_NEAR(x[j] + 0.8 * g[j], v_host[j], 1e-9);
}

TEST(DualProxOfBatches, is_that_of_each_signal) {
  const Exec exec;
  const auto operators = matrices<double>(6);
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  const auto v = misfit::test::batch_of<double>(1, 3, unknowns);
  const auto y = operators.measurements(
      [](int i) { return misfit::test::batch_of<double>(20 + static_cast<std::size_t>(i), 3, 6); });
  const Kokkos::View<double**, Kokkos::LayoutRight> p("p", 3, unknowns);

  const auto result = fidelity.prox(exec, 0.3, v, y, operators, p, accurate);

  ASSERT_EQ(result.signals.size(), 3U);
  EXPECT_TRUE(result.converged) << result.residual;
  for (std::size_t b = 0; b < 3; ++b) {
    const auto one_y = operators.measurements([&](int i) {
      return Kokkos::subview(misfit::test::batch_of<double>(20 + static_cast<std::size_t>(i), 3, 6),
                             b, Kokkos::ALL);
    });
    const Kokkos::View<double*> one("one", unknowns);
    const auto ended = fidelity.prox(exec, 0.3, Kokkos::subview(v, b, Kokkos::ALL), one_y,
                                     operators, one, accurate);
    EXPECT_EQ(ended.iterations, result.signals[b].iterations);
    EXPECT_EQ(on_host(one), on_host(Kokkos::subview(p, b, Kokkos::ALL)));
  }
}

TEST(DualProxOfAnyDistance, is_taken_where_one_is_not_quadratic) {
  const Exec exec;
  const auto operators = matrices<double>(6);
  const auto y = operators.measurements(data<double>(6));
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns), expected("expected", unknowns);

  const misfit::DistributedDataFidelity l2(misfit::L2{});
  l2.prox(exec, 0.3, v, y, operators, expected, accurate);
  const misfit::DistributedDataFidelity quadratic(operators, [](int) { return Any(misfit::L2{}); });
  quadratic.prox(exec, 0.3, v, y, operators, p, accurate);
  EXPECT_EQ(on_host(p), on_host(expected));

  const misfit::DistributedDataFidelity mixed(
      operators, [](int i) { return i + 1 < n ? Any(misfit::L2{}) : Any(misfit::Huber{0.05}); });
  EXPECT_TRUE(mixed.prox(exec, 0.3, v, y, operators, p, accurate).converged);
  mixed.grad(exec, p, y, operators, expected);
  const auto x = on_host(p), g = on_host(expected), v_host = on_host(v);
  for (std::size_t j = 0; j < unknowns; ++j) EXPECT_NEAR(x[j] + 0.3 * g[j], v_host[j], 1e-9);
}

}  // namespace
