// SPDX-License-Identifier: BSD-3-Clause

// When the prox on the dual problem ends, and what it tells.

#include "evaluation/unknowns.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l1.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/scale.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::widen;

constexpr std::size_t measured_rows = 6;

misfit::DistributedOperator<MatrixOperator<double>> matrix_operators(int n) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), measured_rows, unknowns);
  });
}
Kokkos::View<double*> measured(int i) {
  return vector_of<double>(20 + static_cast<std::size_t>(i), measured_rows);
}

template <typename T>
class DualProxEndsWith : public testing::Test {
 protected:
  static constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;
  const Exec exec{};
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(DualProxEndsWith, Scalars);

// A x cancels down to rounding, of which no iteration gets rid.
TYPED_TEST(DualProxEndsWith, zero_where_a_threshold_takes_all) {
  using T = TypeParam;
  using Real = misfit::detail::Real<T>;
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  // Of one operator, which is the same on any number of ranks: there less is tried.
  const bool alone = misfit::test::world_size() == 1;
  const auto sizes = alone ? std::vector{1U, 5U, 8U, 16U, 64U} : std::vector{5U, 64U};
  for (const std::size_t size : sizes)
    for (std::size_t seed = 0; seed < (alone ? 10U : 1U); ++seed) {
      const Kokkos::View<Real*> weight("weight", size);  // from 1 to 3
      Kokkos::deep_copy(weight, misfit::test::positive_vector_of(seed, size));
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                                  [&](int) { return misfit::Mask{weight}; });
      const auto y = operators.measurements([&](int) { return Kokkos::View<T*>("y", size); });
      const auto v = vector_of<T>(100 + seed, size);
      const Kokkos::View<T*> p("p", size);

      const auto result =
          fidelity.prox(this->exec, 1e3, v, y, operators, p,
                        {.tolerance = this->single ? 1e-5 : 1e-12, .max_iterations = 20000});

      EXPECT_TRUE(result.converged) << size << ", " << seed << ": " << result.residual;
      const auto p_host = on_host(p);
      const auto w = on_host(weight);
      for (std::size_t j = 0; j < size; ++j)
        EXPECT_NEAR(std::abs(static_cast<long double>(w[j]) * widen(p_host[j])), 0,
                    this->single ? 1e-3 : 1e-10);
    }
}

// Numbers of v that no operator reads say nothing of the roundings of A x.
TYPED_TEST(DualProxEndsWith, the_same_whatever_stands_in_entries_that_no_operator_reads) {
  using T = TypeParam;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [](int) { return misfit::Downsample({9}, 2); });
  const auto y = operators.measurements([](int) { return Kokkos::View<T*>("y", 5); });
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  const Kokkos::View<T*> p("p", 9);
  const double most = this->single ? 1e30 : 1e170;
  for (const double beside : {0.0, 1e7, most, std::numeric_limits<double>::infinity()}) {
    const auto v = vector_of<T>(1, 9);
    Kokkos::deep_copy(Kokkos::subview(v, 3), T(static_cast<misfit::detail::Real<T>>(beside)));
    const auto result = fidelity.prox(this->exec, 0.05, v, y, operators, p);
    EXPECT_TRUE(result.converged) << beside;
    const auto p_host = on_host(p), v_host = on_host(v);
    for (std::size_t j = 0; j < 9; j += 2) {
      const auto from = widen(v_host[j]);
      EXPECT_NEAR(std::abs(widen(p_host[j]) - std::max(0.0L, 1 - 0.05L / std::abs(from)) * from), 0,
                  this->single ? 1e-5 : 1e-6)
          << beside;
    }
  }
}

// So that no differences are left: the mean.
TYPED_TEST(DualProxEndsWith, a_constant_for_total_variation_with_a_large_weight) {
  using T = TypeParam;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [](int) { return misfit::FiniteDifference({20}); });
  const auto y = operators.measurements([](int) { return Kokkos::View<T*>("y", 20); });
  const auto v = vector_of<T>(1, 20);
  const Kokkos::View<T*> p("p", 20);
  for (const double gamma : {10.0, 1e6}) {
    const auto result =
        misfit::DistributedDataFidelity(misfit::L1{})
            .prox(this->exec, gamma, v, y, operators, p,
                  {.tolerance = this->single ? 1e-5 : 1e-12, .max_iterations = 3000});

    EXPECT_TRUE(result.converged) << result.residual << " after " << result.iterations;
    std::complex<long double> mean = 0;
    for (const auto& entry : on_host(v)) mean += widen(entry) / 20.0L;
    for (const auto& entry : on_host(p))
      EXPECT_NEAR(std::abs(widen(entry) - mean), 0, this->single ? 1e-3 : 1e-10);
  }
}

TEST(DualProxEnds, without_operators_at_v) {
  const Exec exec;
  const auto operators = matrix_operators(0);
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns);
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  const auto result = fidelity.prox(exec, 1.0, v, operators.measurements(measured), operators, p);
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(on_host(p), on_host(v));
}

// The first step has the length that the operators ask for: there is nothing to be tried out.
TEST(DualProxEnds, at_once_where_operators_are_small) {
  const Exec exec;
  for (const double scale : {1e-3, 1e-5}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [=](int i) {
      return misfit::Scale(
          scale, misfit::Mask{vector_of<double>(3 + static_cast<std::size_t>(i), unknowns)});
    });
    const auto y = operators.measurements(
        [](int i) { return vector_of<double>(20 + static_cast<std::size_t>(i), unknowns); });
    const misfit::DistributedDataFidelity fidelity(misfit::Huber{0.5});
    const auto v = vector_of<double>(1, unknowns);
    const Kokkos::View<double*> p("p", unknowns);
    const auto result = fidelity.prox(exec, 0.3, v, y, operators, p, {1e-8, 100});
    EXPECT_TRUE(result.converged);
    EXPECT_LE(result.iterations, 4);
  }
}

// γ ‖A‖² is 0 to rounding, and so is what the distance takes from v.
TEST(DualProxEnds, at_v_where_gamma_and_operators_are_tiny) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2, [](int i) {
    return misfit::Scale(
        1e-50, misfit::Mask{vector_of<double>(3 + static_cast<std::size_t>(i), unknowns)});
  });
  const auto y = operators.measurements([](int) { return Kokkos::View<double*>("y", unknowns); });
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns);
  misfit::DistributedDataFidelity(misfit::L1{}).prox(exec, 1e-300, v, y, operators, p);
  EXPECT_EQ(on_host(p), on_host(v));
}

TEST(DualProxEnds, and_says_where_it_has_not_converged) {
  const Exec exec;
  const auto operators = matrix_operators(5);
  const auto y = operators.measurements(measured);
  const misfit::DistributedDataFidelity fidelity(misfit::L1{});
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns);
  const double before = fidelity.data_passes();
  const auto result = fidelity.prox(exec, 1.0, v, y, operators, p, {1e-12, 3});
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.iterations, 3);
  EXPECT_GT(result.residual, 1e-12);
  EXPECT_EQ(fidelity.data_passes() - before, 3);

  Kokkos::deep_copy(v, std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(fidelity.prox(exec, 1.0, v, y, operators, p).converged);
  for (const double x : on_host(p)) EXPECT_TRUE(std::isnan(x));
}

}  // namespace
