// SPDX-License-Identifier: BSD-3-Clause

// A copy of an operator is another object: the two may be used from two threads at once. What was
// moved from is as it was.

#include "calls.hpp"
#include "combinations.hpp"

#include <misfit/misfit.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>
#include <support/two_threads.hpp>

#include <chrono>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using calls::Call;
using misfit::Shape;
using misfit::Vector;
using misfit::test::in_two_threads;
using misfit::test::kernels_from_two_threads;
using reference::Numbers;
using reference::random_vector;
using Complex = Kokkos::complex<double>;

/// What `make()` makes, copied, gives the same in two threads as in one; and what was moved from
/// is as it was.
template <typename T, typename U = T, typename Make>
void expect_own_objects(const Make& make) {
  const auto op = make();
  using Op = std::remove_const_t<decltype(op)>;
  const Call<T, U> calls[] = {{op.domain_size(), op.range_size(), 1},
                              {op.domain_size(), op.range_size(), 2}};
  const Numbers expected[] = {calls[0](Op(op)), calls[1](Op(op))};

  if (kernels_from_two_threads) {
    const Op copy = op;
    const Op* const ops[] = {&op, &copy};
    int wrong[] = {0, 0};
    in_two_threads([&](int t) {
      using Clock = std::chrono::steady_clock;
      const auto end = Clock::now() + std::chrono::milliseconds(40);
      do wrong[t] += calls[t](*ops[t]) == expected[t] ? 0 : 1;
      while (Clock::now() < end);
    });
    EXPECT_EQ(wrong[0], 0);
    EXPECT_EQ(wrong[1], 0);
  }

  Op from = make();
  {
    [[maybe_unused]] const Op to = std::move(from);
  }
  const Vector<double> others[] = {random_vector<double>(op.domain_size(), 5),
                                   random_vector<double>(op.range_size(), 6)};
  EXPECT_EQ(calls[0](from), expected[0]) << "moved from";  // NOLINT(bugprone-use-after-move)
}

TEST(Copies, of_pointwise_operators_and_matrices) {
  expect_own_objects<double>([] { return misfit::Mask(random_vector<double>(40000, 3)); });
  expect_own_objects<double>([] { return combinations::matrix<double>(300, 200); });
  expect_own_objects<double>([] {
    const std::size_t m = 2000, in_row = 5, n = 700;
    const Kokkos::View<int*> rows("rows", m + 1), columns("columns", m * in_row);
    const auto host_rows = Kokkos::create_mirror_view(rows);
    const auto host_columns = Kokkos::create_mirror_view(columns);
    for (std::size_t i = 0; i <= m; ++i) host_rows(i) = static_cast<int>(i * in_row);
    for (std::size_t k = 0; k < m * in_row; ++k) host_columns(k) = static_cast<int>(k * 37 % n);
    Kokkos::deep_copy(rows, host_rows);
    Kokkos::deep_copy(columns, host_columns);
    return misfit::Sparse(rows, columns, random_vector<double>(m * in_row, 3), n);
  });
  expect_own_objects<double>([] { return misfit::Identity(1000); });
}

TEST(Copies, of_image_operators) {
  const auto kernel = [] {
    const Kokkos::View<double**> h("h", 3, 5);
    Kokkos::deep_copy(misfit::flatten(h), random_vector<double>(15, 3));
    return h;
  };
  expect_own_objects<double>([&] { return misfit::Blur({60, 50}, kernel()); });
  expect_own_objects<double>([&] {
    return misfit::compose(misfit::Downsample({60, 50}, 2), misfit::Blur({60, 50}, kernel()));
  });
  expect_own_objects<double>([] { return misfit::FiniteDifference({60, 50}); });
  expect_own_objects<double>([] {
    return misfit::Radon({40, 42}, {0.1, 0.7, 1.9}, 60, 1, {.axis_column = 2, .detector = {1}});
  });
}

#if defined(MISFIT_FOURIER)
TEST(Copies, of_fourier_operators) {
  const Shape shape{40, 42};
  expect_own_objects<Complex>(
      [&] { return misfit::Fourier(shape, random_vector<double>(shape.size(), 3)); });
  expect_own_objects<Complex>(
      [&] { return misfit::CoilFourier(shape, random_vector<Complex>(shape.size(), 3)); });
  expect_own_objects<double>(
      [&] { return misfit::FourierBlur(shape, random_vector<double>(5, 3)); });
  expect_own_objects<Complex>([&] {
    const Kokkos::View<double* [2], Kokkos::LayoutRight> k("k", 500);
    Kokkos::deep_copy(misfit::flatten(k), random_vector<double>(1000, 3));
    return misfit::NonuniformFourier(shape, k);
  });
  const auto probe = [] {
    const Kokkos::View<Complex**> p("p", 16, 12);
    Kokkos::deep_copy(misfit::flatten(p), random_vector<Complex>(16 * 12, 3));
    return p;
  };
  const std::vector<misfit::ScanPosition> positions = {{0, 0}, {3, 5}, {20, 30}, {24, 1}};
  expect_own_objects<Complex>([&] { return misfit::ScannedProbe(shape, probe(), positions); });
  expect_own_objects<Complex, double>(
      [&] { return misfit::Ptychography(shape, probe(), positions); });
}
#endif

}  // namespace
