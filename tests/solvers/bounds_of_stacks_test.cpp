// SPDX-License-Identifier: BSD-3-Clause

// ‖A‖² of stacks from above.

#include "solvers/norm_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"
#include "support/reference.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/scale.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <limits>

namespace {

using misfit::test::eps;
using misfit::test::Exec;
using misfit::test::expect_norm;
using misfit::test::mask_of;
using misfit::test::MatrixOperator;
using misfit::test::rows_of;
using misfit::test::vector_of;

template <typename T>
class NormBounds : public testing::Test {};
TYPED_TEST_SUITE(NormBounds, reference::TwoScalars);

TYPED_TEST(NormBounds, exact_for_a_stack_of_masks) {
  using T = TypeParam;
  const Exec exec;
  const std::size_t n = 9;
  const auto mask = [&](int i) {
    return mask_of<T>(n, [=](std::size_t j) { return static_cast<int>(j) % 5 == i ? 2.0 : 0.25; });
  };
  const misfit::DistributedOperator masks(MPI_COMM_WORLD, 5, mask);
  const misfit::DistributedOperator any(MPI_COMM_WORLD, 5, [&](int i) {
    return misfit::AnyOperator<T>(misfit::scale(0.5, misfit::AnyOperator<T>(mask(i))));
  });

  const double expected = 4 + 4 * 0.0625;
  EXPECT_NEAR(masks.template norm_squared_bound<T>(exec) / expected, 1, 1e-5);
  EXPECT_NEAR(any.template norm_squared_bound<T>(exec) / expected, 0.25, 1e-5);
  expect_norm<T>(masks, expected);
}

TYPED_TEST(NormBounds, a_step_of_one_over_the_bound_descends) {
  using T = TypeParam;
  const Exec exec;
  const std::size_t n = 12;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 7,
                                              [&](int i) { return rows_of<T>(i, n); });
  const auto y = operators.measurements([&](int i) {
    return vector_of<T>(20 + static_cast<std::size_t>(i), operators.range_size(i));
  });
  const double sigma = 0.3;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{sigma});
  const double step = sigma * sigma / operators.template norm_squared_bound<T>(exec);
  const Kokkos::View<T*> x("x", n), gradient("gradient", n);
  double before = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 50; ++k) {
    const double now = fidelity.fn_and_grad(exec, x, y, operators, gradient);
    EXPECT_LT(now, before * (1 + 10 * eps<T>));
    before = now;
    misfit::detail::axpby(exec, -step, gradient, 1, x);
  }
}

/// A user's operator with a bound, which is linear or not as it says.
struct Bounded {
  std::size_t domain_size() const { return 4; }
  std::size_t range_size() const { return 4; }
  bool is_linear() const { return linear; }
  double norm_squared_bound() const { return 2; }
  void apply(const Exec& exec, const Kokkos::View<const double*>& x,
             const Kokkos::View<double*>& y) const {
    misfit::detail::axpby(exec, 1, x, 0, y);
  }
  void add_adjoint(const Exec& exec, const Kokkos::View<const double*>& y,
                   const Kokkos::View<double*>& x) const {
    misfit::detail::axpby(exec, 1, y, 1, x);
  }

  bool linear = true;
};

TEST(NormBoundsOfDouble, of_operators_that_say_themselves_whether_they_are_linear) {
  const Exec exec;
  const misfit::DistributedOperator linear(MPI_COMM_WORLD, 3, [](int) { return Bounded{}; });
  const misfit::DistributedOperator nonlinear(MPI_COMM_WORLD, 3,
                                              [](int i) { return Bounded{i != 1}; });
  EXPECT_NEAR(linear.norm_squared_bound<double>(exec), 6, 1e-11);
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { nonlinear.norm_squared_bound<double>(exec); }, {"operator 1", "not linear"});
  EXPECT_EQ(misfit::Identity(0).norm_squared_bound(), 0);
}

TEST(NormBoundsOfDouble, is_refused_where_there_is_none) {
  const Exec exec;
  using Any = misfit::AnyOperator<double>;
  const misfit::DistributedOperator unknown(
      MPI_COMM_WORLD, 2, [](int) { return Any(MatrixOperator<double>(0, 3, 4)); });
  const misfit::DistributedOperator nonlinear(
      MPI_COMM_WORLD, 2, [](int) { return Any(misfit::test::SquaredOperator<double>(0, 3, 4)); });

  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { unknown.norm_squared_bound<double>(exec); },
      {"rank 0, operator 0", "norm_squared_bound() const", "add_majorizer"});
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { nonlinear.norm_squared_bound<double>(exec); }, {"rank 0, operator 0", "not linear"});
}

}  // namespace
