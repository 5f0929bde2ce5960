// SPDX-License-Identifier: BSD-3-Clause

// ‖A‖² from below, against eigenvalues of small matrices and known spectra.

#include "solvers/norm_cases.hpp"
#include "support/eigenvalues.hpp"
#include "support/errors.hpp"
#include "support/real_and_complex.hpp"

#include <misfit/distributed_operator.hpp>
#include <misfit/operators/identity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::test::alone;
using misfit::test::eps;
using misfit::test::Exec;
using misfit::test::expect_norm;
using misfit::test::mask_of;
using misfit::test::rows_of;

TEST(NormsOfTwoTypes, between_real_and_complex_numbers) {
  const Exec exec;
  const misfit::DistributedOperator rotated(MPI_COMM_WORLD, 3,
                                            [](int) { return misfit::test::Rotated{7}; });
  EXPECT_NEAR(rotated.norm_squared<double>(exec).value, 15, 1e-12);
  const misfit::DistributedOperator real_parts(MPI_COMM_WORLD, 3,
                                               [](int) { return misfit::test::RealPart{7}; });
  EXPECT_NEAR(real_parts.norm_squared<Kokkos::complex<double>>(exec).value, 3, 1e-12);
}

template <typename T>
class Norms : public testing::Test {};
TYPED_TEST_SUITE(Norms, reference::Scalars);

TYPED_TEST(Norms, one_entry_larger_than_all_others) {
  using T = TypeParam;
  for (const std::size_t n : {2, 8, 1000, 30000})
    for (const std::size_t at : {n - 1, n / 2, std::size_t{0}})
      for (const double larger : {1.5, 1.001, 1.05}) {
        const auto operators =
            alone(mask_of<T>(n, [=](std::size_t j) { return j == at ? larger : 1.0; }));
        SCOPED_TRACE(std::to_string(n) + ", " + std::to_string(at) + ", " + std::to_string(larger));
        const auto m = static_cast<double>(static_cast<misfit::detail::Real<T>>(larger));
        expect_norm<T>(operators, m * m);
        expect_norm<T>(operators, m * m, {1e-5, 500});
      }
}

TYPED_TEST(Norms, values_that_lie_dense) {
  using T = TypeParam;
  const std::size_t n = 20000;
  expect_norm<T>(
      alone(mask_of<T>(n, [=](std::size_t j) { return std::sin(static_cast<double>(j)); })), 1.0);
}

TYPED_TEST(Norms, beyond_the_range_of_the_scalar_type) {
  using T = TypeParam;
  constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;
  const Exec exec;
  for (const double entry :
       {single ? 1e-25 : 1e-150, single ? 1e25 : 1e150, single ? 1e-33 : 1e-151, 1e-19, 1e19})
    for (const std::size_t n : {1, 7, 1000}) {
      const auto operators = alone(mask_of<T>(n, [=](std::size_t) { return entry; }));
      const auto norm = operators.template norm_squared<T>(exec);
      EXPECT_TRUE(norm.converged) << entry << ", " << n;
      EXPECT_NEAR(norm.value / entry / entry, 1, 1e-6) << entry << ", " << n;
      const double bound = operators.template norm_squared_bound<T>(exec);
      EXPECT_GE(bound / entry / entry, 1 - 1e-7);
      EXPECT_LE(bound / entry / entry, 1 + 1e-5);
    }
}

// Also where the bound of iterations ends it between two tests for convergence.
TYPED_TEST(Norms, each_more_iteration_tells_more) {
  using T = TypeParam;
  const Exec exec;
  const auto operators = alone(
      mask_of<T>(400, [](std::size_t j) { return 1 + std::sin(static_cast<double>(j)) / 3; }));
  double before = 0;
  for (int most = 1; most <= 30; ++most) {
    const auto norm = operators.template norm_squared<T>(exec, {1e-14, most});
    EXPECT_EQ(norm.iterations, most);
    EXPECT_GT(norm.value, before) << most;
    before = norm.value;
  }
}

TYPED_TEST(Norms, of_nothing) {
  using T = TypeParam;
  const Exec exec;
  const auto expect_zero = [&](const auto& operators) {
    const auto norm = operators.template norm_squared<T>(exec);
    EXPECT_EQ(norm.value, 0);
    EXPECT_EQ(norm.residual, 0);
    EXPECT_TRUE(norm.converged);
    EXPECT_EQ(operators.template norm_squared_bound<T>(exec), 0);
  };
  expect_zero(
      misfit::DistributedOperator(MPI_COMM_WORLD, 0, [](int) { return misfit::Identity{3}; }));
  expect_zero(
      misfit::DistributedOperator(MPI_COMM_WORLD, 3, [](int) { return misfit::Identity{0}; }));
  expect_zero(alone(mask_of<T>(5, [](std::size_t) { return 0.0; })));
}

TYPED_TEST(Norms, of_matrices_whose_rows_live_on_all_ranks) {
  using T = TypeParam;
  const Exec exec;
  for (const std::size_t n : {1, 2, 12, 40}) {
    const int count = 11;
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, count,
                                                [&](int i) { return rows_of<T>(i, n); });
    reference::Numbers gram;
    for (int i = 0; i < count; ++i)
      reference::add_gram(reference::columns_of<T>(rows_of<T>(i, n)), gram);
    const double expected = reference::largest_eigenvalue(gram, n);

    SCOPED_TRACE(n);
    expect_norm<T>(operators, expected);
    expect_norm<T>(operators, expected, {eps<T> > 1e-10 ? 1e-5 : 1e-10, 500});
    EXPECT_GE(operators.template norm_squared_bound<T>(exec), expected);

    const misfit::DistributedOperator here(MPI_COMM_SELF, count,
                                           [&](int i) { return rows_of<T>(i, n); });
    EXPECT_NEAR(
        operators.template norm_squared<T>(exec).value / here.template norm_squared<T>(exec).value,
        1, 1e-3);
    EXPECT_NEAR(
        operators.template norm_squared_bound<T>(exec) / here.template norm_squared_bound<T>(exec),
        1, 1e-14);
  }
}

TEST(NormsOfDouble, does_not_say_converged_before_it_is) {
  const Exec exec;
  const auto operators =
      alone(mask_of<double>(5000, [](std::size_t j) { return std::cos(static_cast<double>(j)); }));
  for (const int most : {0, 1, 2, 3, 10, 30}) {
    const auto norm = operators.norm_squared<double>(exec, {1e-3, most});
    EXPECT_FALSE(norm.converged) << most << ": " << norm.value;
    EXPECT_EQ(norm.iterations, most);
    EXPECT_LE(norm.value, 1 + 1e-14);
  }
  EXPECT_EQ(operators.norm_squared<double>(exec, {.tolerance = 1e-12}).iterations, 100);
  const auto all = operators.norm_squared<double>(exec, {1e-3, 500});
  EXPECT_TRUE(all.converged);
  EXPECT_LT(all.iterations, 250);
}

TEST(NormsOfDouble, more_iterations_than_room_was_made_for) {
  if (misfit::test::world_size() > 2) GTEST_SKIP() << "every rank does the same, and takes seconds";
  const Exec exec;
  const auto operators =
      alone(mask_of<double>(3000, [](std::size_t j) { return std::cos(static_cast<double>(j)); }));
  const auto norm = operators.norm_squared<double>(exec, {0, 1500});
  EXPECT_EQ(norm.iterations, 1500);
  EXPECT_NEAR(norm.value, 1, 1e-8);  // the second lies at cos²(355) = 1 − 9 · 10⁻¹⁰
}

TEST(NormsOfDouble, not_finite_is_not_converged) {
  const Exec exec;
  struct Broken {
    std::size_t domain_size() const { return 3; }
    std::size_t range_size() const { return 3; }
    void apply(const Exec& e, const Kokkos::View<const double*>&,
               const Kokkos::View<double*>& y) const {
      Kokkos::deep_copy(e, y, NAN);
    }
    void add_adjoint(const Exec& e, const Kokkos::View<const double*>& y,
                     const Kokkos::View<double*>& x) const {
      misfit::detail::axpby(e, 1, y, 1, x);
    }
  };
  const auto norm = alone(Broken{}).norm_squared<double>(exec);
  EXPECT_TRUE(std::isnan(norm.value));
  EXPECT_FALSE(norm.converged);
}

}  // namespace
