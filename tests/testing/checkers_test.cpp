// SPDX-License-Identifier: BSD-3-Clause

// The checkers pass what is right and catch what is broken: in one entry, on one rank.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"
#include "support/real_and_complex.hpp"
#include "testing/operator_sizes.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace {

using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::RealPart;
using misfit::test::Rotated;
using misfit::test::rows;
using misfit::test::SquaredOperator;
using misfit::test::unknowns;
using misfit::test::vector_of;

/// An operator whose adjoint overwrites instead of adding, or adds twice.
template <typename T>
struct WrongAdjoint {
  MatrixOperator<T> inner;
  bool adds_twice = false;
  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    inner.apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    if (adds_twice)
      inner.add_adjoint(exec, y, x);
    else
      Kokkos::deep_copy(exec, x, T(0));
    inner.add_adjoint(exec, y, x);
  }
};

/// Σ |u − y|⁴ with a gradient that is wrong by `fault` in entry 2.
struct Quartic {
  double fault = 0;
  KOKKOS_FUNCTION double value_at(std::size_t, double u, double y) const {
    return (u - y) * (u - y) * (u - y) * (u - y);
  }
  KOKKOS_FUNCTION double gradient_at(std::size_t j, double u, double y) const {
    return 4 * (u - y) * (u - y) * (u - y) * (j == 2 ? 1 + fault : 1);
  }
};

/// size |u − y|² / 2 with three times its gradient.
struct ThreeTimes {
  double size;
  KOKKOS_FUNCTION double value_at(std::size_t, double u, double y) const {
    return 0.5 * size * (u - y) * (u - y);
  }
  KOKKOS_FUNCTION double gradient_at(std::size_t, double u, double y) const {
    return 3 * size * (u - y);
  }
};

// Whose squares are no numbers: an error that cannot be told from 0 is none that passes.
TEST(Checkers, do_not_pass_what_is_wrong_and_too_large_for_them) {
  const Exec exec;
  for (const double size : {1e150, 1e155, 1e160, 1e200}) {
    SCOPED_TRACE(std::log10(size));
    const MatrixOperator<double> right(0, rows, unknowns);
    const Kokkos::View<double**> larger("larger", rows, unknowns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < unknowns; ++j) larger(i, j) = size * right.matrix(i, j);
    WrongAdjoint<double> wrong{right, true};
    Kokkos::deep_copy(wrong.inner.matrix, larger);
    EXPECT_FALSE(misfit::check_adjoint(exec, wrong).passed());
    const auto u = vector_of<double>(1, unknowns), y = vector_of<double>(2, unknowns);
    EXPECT_FALSE(misfit::check_gradient(exec, ThreeTimes{size}, u, y).passed());
  }
}

TEST(Checkers, adjoint_from_complex_measurements_to_real_signals) {
  const Exec exec;
  EXPECT_TRUE(misfit::check_adjoint(exec, Rotated{unknowns}).passed());
  EXPECT_FALSE(misfit::check_adjoint(exec, Rotated{unknowns, 2}).passed());
  for (const double factor : {1.0, 2.0}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                                [=](int) { return Rotated{unknowns, factor}; });
    EXPECT_EQ(misfit::check_adjoint(exec, operators).passed(), factor == 1);
  }
}

TEST(Checkers, adjoint_from_real_measurements_to_complex_signals) {
  using T = Kokkos::complex<double>;
  const Exec exec;
  EXPECT_TRUE(misfit::check_adjoint<T>(exec, RealPart{unknowns}).passed());
  EXPECT_FALSE(misfit::check_adjoint<T>(exec, RealPart{unknowns, 2}).passed());
  for (const double factor : {1.0, 2.0}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                                [=](int) { return RealPart{unknowns, factor}; });
    EXPECT_EQ(misfit::check_adjoint<T>(exec, operators).passed(), factor == 1);
  }
}

template <typename T>
class CheckersTest : public testing::Test {
 protected:
  static constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;
  /// A fault well above rounding.
  static constexpr double small = single ? 1e-3 : 1e-9;
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(CheckersTest, Scalars);

TYPED_TEST(CheckersTest, adjoint_of_one_operator) {
  using T = TypeParam;
  const Exec exec;
  MatrixOperator<T> op(3, rows, unknowns);

  EXPECT_TRUE(misfit::check_adjoint<T>(exec, op).passed());
  op.adjoint_fault = this->small;
  EXPECT_FALSE(misfit::check_adjoint<T>(exec, op).passed());
  op.adjoint_fault = 0;
  EXPECT_FALSE(misfit::check_adjoint<T>(exec, WrongAdjoint<T>{op}).passed());
}

TYPED_TEST(CheckersTest, derivative_of_a_nonlinear_operator) {
  using T = TypeParam;
  const Exec exec;
  SquaredOperator<T> op(3, rows, unknowns);

  const auto right = misfit::check_adjoint<T>(exec, op);
  op.inner.adjoint_fault = 0.1;
  const auto wrong = misfit::check_adjoint<T>(exec, op);

  EXPECT_TRUE(right.passed()) << right.error;
  EXPECT_FALSE(wrong.passed()) << wrong.error;
}

TYPED_TEST(CheckersTest, adjoint_broken_on_one_rank_is_caught_on_all) {
  using T = TypeParam;
  const Exec exec;
  const int n = 2 * misfit::test::world_size();
  for (const int broken : {-1, 0, n - 1}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [&](int i) {
      MatrixOperator<T> op(static_cast<std::size_t>(i), rows, unknowns);
      if (i == broken) op.adjoint_fault = this->small;
      return op;
    });

    const auto result = misfit::check_adjoint<T>(exec, operators);

    EXPECT_EQ(result.passed(), broken < 0) << result.error;
    if (broken >= 0) {
      EXPECT_EQ(result.operator_index, broken);
    }
  }
}

TYPED_TEST(CheckersTest, gradient_of_a_fidelity) {
  using T = TypeParam;
  const Exec exec;
  const int n = 2 * misfit::test::world_size();
  for (const int broken : {-1, 0, n - 1}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [&](int i) {
      MatrixOperator<T> op(static_cast<std::size_t>(i), rows, unknowns);
      if (i == broken) op.adjoint_fault = n;  // one entry of one of n operators
      return op;
    });
    const auto y = operators.measurements(
        [](int i) { return vector_of<T>(20 + static_cast<std::size_t>(i), rows); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.3}, misfit::Reduction::mean);

    const auto result =
        misfit::check_gradient(exec, fidelity, vector_of<T>(1, unknowns), y, operators);

    EXPECT_EQ(result.passed(), broken < 0) << result.error;
  }
}

TEST(Checkers, x_without_memory_on_one_rank_is_refused_on_all) {
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 2, [](int) { return MatrixOperator<double>(0, rows, unknowns); });
  const auto y = operators.measurements([](int) { return vector_of<double>(2, rows); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.3});
  const auto x = misfit::test::world_rank() == 0 ? Kokkos::View<double*>(nullptr, unknowns)
                                                 : vector_of<double>(1, unknowns);
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { misfit::check_gradient(exec, fidelity, x, y, operators); }, {"x: has no memory"});
}

TEST(Checkers, gradient_of_a_distance) {
  const Exec exec;
  const auto u = vector_of<double>(1, 10), y = vector_of<double>(2, 10);

  EXPECT_TRUE(misfit::check_gradient(exec, Quartic{}, u, y).passed());
  EXPECT_FALSE(misfit::check_gradient(exec, Quartic{1e-2}, u, y).passed());
  EXPECT_FALSE(misfit::check_gradient(exec, Quartic{std::nan("")}, u, y).passed());
}

/// ½|u − y|² without a gradient.
struct NoSlope {
  KOKKOS_FUNCTION double value_at(std::size_t, double u, double y) const {
    return 0.5 * (u - y) * (u - y);
  }
  KOKKOS_FUNCTION double gradient_at(std::size_t, double, double) const { return 0; }
};

TEST(Checkers, gradient_that_is_zero) {
  const Exec exec;
  const auto u = vector_of<double>(1, 10), y = vector_of<double>(2, 10);

  EXPECT_TRUE(misfit::check_gradient(exec, misfit::L2{}, u, u).passed());
  const auto counts = misfit::test::positive_vector_of(1, 10);
  EXPECT_TRUE(misfit::check_gradient(exec, misfit::Poisson{}, counts, counts).passed());
  EXPECT_FALSE(misfit::check_gradient(exec, NoSlope{}, u, y).passed());
}

TEST(Checkers, nothing_to_check_passes) {
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 0, [](int) { return MatrixOperator<double>(0, rows, unknowns); });
  EXPECT_TRUE(misfit::check_adjoint(exec, operators).passed());
}

}  // namespace
