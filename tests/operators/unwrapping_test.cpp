// SPDX-License-Identifier: BSD-3-Clause
#include "neighbours.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/wrap.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>

namespace {

using misfit::FiniteDifference;

/// The Itoh fidelity: wrapped phases of a smooth surface, of several offsets, and the differences
/// of the surface itself where they are wrapped.
template <typename T>
class Unwrapping : public testing::Test {
 protected:
  static constexpr std::size_t rows = 24, columns = 31;
  static constexpr double sigma = 0.3;
  static constexpr int n = 3;

  /// 28 rad high, with steps of at most 2.81 rad.
  static double height(std::size_t row, std::size_t column) {
    const double a = (static_cast<double>(row) - 10) / 6,
                 b = (static_cast<double>(column) - 17) / 9;
    return 28 * std::exp(-(a * a + b * b) / 2);
  }
  static misfit::Vector<T> surface(double offset = 0) {
    const misfit::Vector<T> x("surface", rows * columns);
    const auto host = Kokkos::create_mirror_view(x);
    for (std::size_t j = 0; j < rows * columns; ++j)
      host(j) = static_cast<T>(height(j / columns, j % columns) + offset);
    Kokkos::deep_copy(x, host);
    return x;
  }
  /// What an instrument sees with an offset.
  static misfit::Vector<T> wrapped(int i) {
    const Kokkos::DefaultExecutionSpace exec;
    const auto y = surface(1.7 * i);
    misfit::wrap(exec, y, y);
    return y;
  }
  /// w(D y).
  static misfit::Vector<T> wrapped_differences(int i) {
    const Kokkos::DefaultExecutionSpace exec;
    const FiniteDifference d({rows, columns});
    const misfit::Vector<T> dy("dy", d.range_size());
    d.apply(exec, misfit::Vector<const T>(wrapped(i)), dy);
    misfit::wrap(exec, dy, dy);
    exec.fence();
    return dy;
  }

  static FiniteDifference make(int) { return FiniteDifference({rows, columns}); }

  const Kokkos::DefaultExecutionSpace exec{};
  const misfit::DistributedOperator<FiniteDifference> differences{MPI_COMM_WORLD, n, make};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{sigma}};
};
using RealScalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Unwrapping, RealScalars);

TYPED_TEST(Unwrapping, the_itoh_fidelity_is_l2_of_differences) {
  using T = TypeParam;
  const auto y =
      this->differences.measurements([](int i) { return TestFixture::wrapped_differences(i); });
  const auto x = reference::random_vector<T>(this->rows * this->columns, 5);
  long double expected = 0;
  for (int i = 0; i < this->n; ++i) {
    const neighbours::Case c{{this->rows, this->columns}, 2};
    const auto dx = neighbours::differences(c, reference::numbers(x));
    const auto dy = neighbours::differences(c, reference::numbers(this->wrapped(i)));
    const long double turn = 2 * std::numbers::pi_v<long double>;
    for (std::size_t j = 0; j < dx.size(); ++j) {
      const auto wrapped = dy[j].real() - turn * std::round(dy[j].real() / turn);
      expected +=
          (dx[j].real() - wrapped) * (dx[j].real() - wrapped) / (2 * this->sigma * this->sigma);
    }
  }

  const double value = this->fidelity.fn(this->exec, x, y, this->differences);
  const double at_truth = this->fidelity.fn(this->exec, this->surface(), y, this->differences);
  const auto checked = misfit::check_gradient(this->exec, this->fidelity, x, y, this->differences);

  // Phases of up to 32 rad and their differences are rounded to 16 ε; they enter squared.
  const double rounding = 100 * std::numeric_limits<T>::epsilon();
  EXPECT_NEAR(value, static_cast<double>(expected), rounding * value);
  EXPECT_LE(at_truth, rounding * rounding * static_cast<double>(this->rows * this->columns) * 6 /
                          (this->sigma * this->sigma));
  EXPECT_TRUE(checked.passed()) << checked.error;
}

TYPED_TEST(Unwrapping, gives_the_phase_back_up_to_a_constant) {
  using T = TypeParam;
  const auto y =
      this->differences.measurements([](int i) { return TestFixture::wrapped_differences(i); });
  const misfit::Vector<T> x("x", this->rows * this->columns);

  const bool single = std::is_same_v<T, float>;
  const auto solved = this->differences.least_squares(
      this->exec, y, x, {.tolerance = single ? 1e-5 : 1e-12, .max_iterations = 1000});

  EXPECT_TRUE(solved.converged);
  auto found = reference::numbers(x), truth = reference::numbers(this->surface());
  for (auto* numbers : {&found, &truth}) {
    reference::Number mean = 0;
    for (const auto& z : *numbers) mean += z / static_cast<long double>(numbers->size());
    for (auto& z : *numbers) z -= mean;
  }
  // The residual of the normal equations over their smallest eigenvalue but 0, 4 sin²(π / 62).
  const auto apart = reference::norm(reference::difference(found, truth));
  EXPECT_LE(apart, (single ? 1e-2L : 1e-8L) * reference::norm(truth));
  const auto shown = reference::numbers(this->wrapped(0));
  EXPECT_GT(reference::norm(reference::difference(shown, truth)), reference::norm(truth) / 2);
}

}  // namespace
