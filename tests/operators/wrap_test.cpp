// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/wrap.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

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
  const misfit::Vector<T> six("six", 6);
  using Space = Kokkos::DefaultExecutionSpace::memory_space;
  const Kokkos::View<T**, Kokkos::LayoutRight, Space> by_rows(six.data(), 2, 3);
  const Kokkos::View<T**, Kokkos::LayoutLeft, Space> by_columns(six.data(), 2, 3);
  EXPECT_THROW(misfit::wrap(exec, by_rows, by_columns), misfit::ArgumentError);
  EXPECT_NO_THROW(misfit::wrap(exec, by_rows, by_rows));
  // Rows of one matrix, none of which is packed.
  const Kokkos::View<T**, Kokkos::LayoutLeft, Space> matrix("matrix", 4, 5);
  const auto rows = [&](std::size_t begin, std::size_t end) {
    return Kokkos::subview(matrix, std::pair(begin, end), Kokkos::ALL);
  };
  EXPECT_THROW(misfit::wrap(exec, rows(0, 2), rows(1, 3)), misfit::ArgumentError);
  EXPECT_THROW(misfit::wrap(exec, rows(2, 4), rows(1, 3)), misfit::ArgumentError);
  EXPECT_NO_THROW(misfit::wrap(exec, rows(0, 2), rows(2, 4)));
  exec.fence();
  Kokkos::deep_copy(x, std::numeric_limits<T>::infinity());
  misfit::wrap(exec, x, x);
  exec.fence();
  EXPECT_TRUE(std::isnan(reference::numbers(x)[0].real()));
}

}  // namespace
