// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/wrap.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::FiniteDifference;
using misfit::Shape;
using reference::Numbers;

struct Case {
  Shape shape;
  std::size_t dimensions;
};

/// One to three dimensions, extents of 1, channels, lines of more than one piece.
std::vector<Case> cases() {
  return {{{7}, 1},       {{1}, 1},       {{5, 6}, 2},    {{1, 6}, 2},       {{6, 1}, 2},
          {{5, 6}, 1},    {{3, 4, 5}, 3}, {{3, 4, 5}, 2}, {{3, 4, 5}, 1},    {{2, 1, 3}, 3},
          {{1, 1, 1}, 3}, {{9000}, 1},    {{2, 5000}, 2}, {{2, 2, 4097}, 3}, {{4096}, 1}};
}

/// The definition.
Numbers differences(const Case& c, const Numbers& x) {
  Numbers y;
  for (std::size_t d = c.shape.rank() - c.dimensions; d < c.shape.rank(); ++d) {
    std::size_t stride = 1;
    for (std::size_t after = d + 1; after < c.shape.rank(); ++after) stride *= c.shape[after];
    for (std::size_t j = 0; j < x.size(); ++j)
      y.push_back(j / stride % c.shape[d] + 1 < c.shape[d] ? x[j + stride] - x[j] : 0);
  }
  return y;
}

template <typename T>
class FiniteDifferenceTest : public testing::Test {};
TYPED_TEST_SUITE(FiniteDifferenceTest, reference::Scalars);

TYPED_TEST(FiniteDifferenceTest, is_the_difference_of_neighbours) {
  using T = TypeParam;
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.shape.text());
    const auto x = reference::random_vector<T>(c.shape.size(), 1);

    const FiniteDifference d(c.shape, c.dimensions);

    EXPECT_EQ(d.domain_shape(), c.shape);
    EXPECT_EQ(d.range_shape()[0], c.dimensions);
    EXPECT_EQ(d.range_size(), c.dimensions * c.shape.size());
    reference::expect_close(reference::apply<T>(d, x), differences(c, reference::numbers(x)),
                            std::numeric_limits<misfit::detail::Real<T>>::epsilon());
  }
}

TYPED_TEST(FiniteDifferenceTest, adjoint_is_exact) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  static_assert(misfit::LinearOperator<FiniteDifference, T>);
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.shape.text());
    const FiniteDifference d(c.shape, c.dimensions);

    reference::expect_adjoint<T>(d);
    const auto checked = misfit::check_adjoint<T>(exec, d);
    EXPECT_TRUE(checked.passed()) << checked.error;
  }
}

TEST(FiniteDifference, along_all_dimensions_by_default) {
  EXPECT_EQ(FiniteDifference({4, 5, 6}).range_shape(), Shape({3, 4, 5, 6}));
  EXPECT_EQ(FiniteDifference({4, 5}).range_shape(), Shape({2, 4, 5}));
  EXPECT_EQ(FiniteDifference({4}).range_shape(), Shape({1, 4}));
}

TEST(FiniteDifference, refuses_on_every_rank_what_one_gets_wrong) {
  struct Fault {
    Shape shape;
    std::size_t dimensions;
    std::string words;
  };
  const std::vector<Fault> faults = {
      {{2, 2, 2, 3}, 2, "FiniteDifference: shape 2 x 2 x 2 x 3 has more than 3 dimensions"},
      {{4, 6}, 0, "FiniteDifference: along 0 dimensions of an image of shape 4 x 6"},
      {{4, 6}, 3, "FiniteDifference: along 3 dimensions of an image of shape 4 x 6"}};
  const int n = 2 * misfit::test::world_size();
  for (const auto& ranks : misfit::test::fault_sets())
    for (const Fault& fault : faults)
      misfit::test::expect_same_error<misfit::ArgumentError>(
          [&] {
            misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
              return misfit::test::contains(ranks, misfit::test::world_rank())
                         ? FiniteDifference(fault.shape, fault.dimensions)
                         : FiniteDifference({4, 6});
            });
          },
          {"rank " + std::to_string(ranks.front()), fault.words});
}

template <typename T>
class Wrap : public testing::Test {};
using RealScalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Wrap, RealScalars);

/// Away from odd multiples of t/2, and at them, where it is the upper end.
TYPED_TEST(Wrap, leaves_the_nearest_multiple_of_the_period) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const std::vector<double> x = {0, 0.5, -0.5, 2.25, -2.25, 3.75, 1, -1, 3, -3, 5, 100.5, -101.25};
  const std::vector<double> expected = {0, 0.5, -0.5, 0.25, -0.25, -0.25, 1, 1, 1, 1, 1, 0.5, 0.75};
  misfit::Vector<T> in("in", x.size());
  const auto host = Kokkos::create_mirror_view(in);
  for (std::size_t j = 0; j < x.size(); ++j) host(j) = static_cast<T>(x[j]);
  Kokkos::deep_copy(in, host);

  misfit::wrap(exec, misfit::Vector<const T>(in), in, 2.0);
  exec.fence();

  const auto found = reference::numbers(in);
  for (std::size_t j = 0; j < x.size(); ++j)
    EXPECT_EQ(static_cast<double>(found[j].real()), expected[j]) << x[j];
}

TYPED_TEST(Wrap, of_radians_by_default) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Kokkos::View<T**, Kokkos::LayoutRight> x("x", 2, 50), y("y", 2, 50);
  const auto all = misfit::detail::all_signals(x);
  misfit::detail::fill_random(exec, all, 3);
  misfit::detail::axpby(exec, 0, all, 40, all);

  misfit::wrap(exec, x, y);
  exec.fence();

  const auto in = reference::numbers(all), out = reference::numbers(misfit::detail::all_signals(y));
  const double pi = std::numbers::pi, rounding = 40 * std::numeric_limits<T>::epsilon();
  for (std::size_t j = 0; j < in.size(); ++j) {
    const auto turns = static_cast<double>((in[j] - out[j]).real()) / (2 * pi);
    EXPECT_LE(std::abs(static_cast<double>(out[j].real())), pi + rounding);
    EXPECT_NEAR(turns, std::round(turns), rounding);
  }
}

/// In (−t/2, t/2] without a rounding's allowance, for numbers next to its ends and for large ones;
/// what is wrapped stays as it is.
TYPED_TEST(Wrap, stays_within_half_a_period) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const double pi = std::numbers::pi, largest = std::is_same_v<T, float> ? 1e5 : 1e13;
  std::vector<T> x;
  for (int k = -301; k <= 301; k += 2)
    for (const int up : {0, 1}) {
      const auto entry = static_cast<T>(k * pi);
      x.push_back(std::nextafter(entry, static_cast<T>(up ? 1e9 : -1e9)));
      x.push_back(entry);
    }
  for (int j = 0; j < 2000; ++j) x.push_back(static_cast<T>(largest * std::sin(1.7 * j)));
  const misfit::Vector<T> in("in", x.size()), out("out", x.size()), again("again", x.size());
  const auto host = Kokkos::create_mirror_view(in);
  for (std::size_t j = 0; j < x.size(); ++j) host(j) = x[j];
  Kokkos::deep_copy(in, host);

  misfit::wrap(exec, misfit::Vector<const T>(in), out);
  misfit::wrap(exec, misfit::Vector<const T>(out), again);
  exec.fence();

  const auto found = reference::numbers(out);
  EXPECT_EQ(found, reference::numbers(again));
  for (std::size_t j = 0; j < x.size(); ++j) {
    const auto wrapped = static_cast<double>(found[j].real());
    ASSERT_GT(wrapped, -pi) << x[j];
    ASSERT_LE(wrapped, pi) << x[j];
    const double rest = std::remainder(static_cast<double>(x[j]), 2 * pi);
    ASSERT_LE(std::abs(std::remainder(wrapped - rest, 2 * pi)),
              4 * static_cast<double>(std::numeric_limits<T>::epsilon()))
        << x[j];
  }
}

TYPED_TEST(Wrap, refuses) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Vector<T> x("x", 3), y("y", 4);
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL})
    EXPECT_THROW(misfit::wrap(exec, x, x, bad), misfit::ArgumentError);
  EXPECT_THROW(misfit::wrap(exec, x, y), misfit::ArgumentError);
  Kokkos::deep_copy(x, std::numeric_limits<T>::infinity());
  misfit::wrap(exec, x, x);
  exec.fence();
  EXPECT_TRUE(std::isnan(reference::numbers(x)[0].real()));
}

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

  const Kokkos::DefaultExecutionSpace exec{};
  const misfit::DistributedOperator<FiniteDifference> differences{
      MPI_COMM_WORLD, n, [](int) { return FiniteDifference({rows, columns}); }};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{sigma}};
};
TYPED_TEST_SUITE(Unwrapping, RealScalars);

TYPED_TEST(Unwrapping, the_itoh_fidelity_is_l2_of_differences) {
  using T = TypeParam;
  const auto y =
      this->differences.measurements([](int i) { return TestFixture::wrapped_differences(i); });
  const auto x = reference::random_vector<T>(this->rows * this->columns, 5);
  long double expected = 0;
  for (int i = 0; i < this->n; ++i) {
    const Case c{{this->rows, this->columns}, 2};
    const auto dx = differences(c, reference::numbers(x));
    const auto dy = differences(c, reference::numbers(this->wrapped(i)));
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
