// SPDX-License-Identifier: BSD-3-Clause

// Operators of one transform, which are evaluated together, beside what each gives alone.

#include "evaluation/fused_like_plain.hpp"
#include "evaluation/not_at_zeros.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

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

using misfit::Origin;
using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::epsilon;
using misfit::test::Exec;
using misfit::test::relative_difference;
using misfit::test::vector_of;
namespace detail = misfit::detail;

constexpr std::size_t signals = 2;

/// Value and gradient of all operators, against the sums of those of one operator after the other.
template <typename T, typename Factory, typename Distances>
void expect_sum_of_each(int n, const Factory& factory, const Distances& distances) {
  const Exec exec;
  const misfit::DistributedOperator all(MPI_COMM_WORLD, n, factory);
  const std::size_t size = all.domain_size();
  const auto x = batch_of<T>(1, signals, size), g = batch_of<T>(2, signals, size),
             one = batch_of<T>(3, signals, size), sum = batch_of<T>(4, signals, size);
  Kokkos::deep_copy(sum, T(0));
  const auto data = [&](int i) {
    return batch_of<T>(static_cast<std::size_t>(20 + i), signals, size);
  };
  std::vector<double> expected(signals, 0.0);
  for (int i = 0; i < n; ++i) {
    const misfit::DistributedOperator alone(MPI_COMM_WORLD, 1, [&](int) { return factory(i); });
    const misfit::DistributedDataFidelity fidelity(alone, [&](int) { return distances(i); });
    const auto values =
        fidelity.fn_and_grad(exec, x, alone.measurements([&](int) { return data(i); }), alone, one);
    for (std::size_t b = 0; b < signals; ++b) expected[b] += values[b];
    detail::axpby(exec, 1, detail::all_signals(one), 1, detail::all_signals(sum));
  }

  const auto y = all.measurements(data);
  for (const auto kind : {misfit::Sum::run_to_run, misfit::Sum::reproducible}) {
    const misfit::DistributedDataFidelity fidelity(all, distances, misfit::Reduction::sum, kind);
    const auto values = fidelity.fn(exec, x, y, all);
    const auto both = fidelity.fn_and_grad(exec, x, y, all, g);

    const double tolerance = 100 * epsilon<T>;
    for (std::size_t b = 0; b < signals; ++b) {
      EXPECT_NEAR(values[b], expected[b], tolerance * expected[b]);
      EXPECT_NEAR(both[b], expected[b], tolerance * expected[b]);
    }
    EXPECT_LE(relative_difference(g, sum), tolerance);
    fidelity.grad(exec, x, y, all, g);
    EXPECT_LE(relative_difference(g, sum), tolerance);
  }
}

/// Lines side by side and one by one, blocks that are cut, and no, one, two and three dimensions.
const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{{1},      {37},      {64},       {1, 5},     {16, 70},
                                      {40, 33}, {3, 5, 7}, {4, 18, 6}, {18, 4, 37}};
  return all;
}

template <typename T>
class OneTransform : public testing::Test {};
using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(OneTransform, ComplexScalars);

TYPED_TEST(OneTransform, of_masks_with_distances_of_their_own) {
  using T = TypeParam;
  for (const Shape& shape : shapes())
    for (const Origin origin : {Origin::centre, Origin::corner}) {
      SCOPED_TRACE(shape.text());
      expect_sum_of_each<T>(
          7,
          [&](int i) {
            return misfit::Fourier(
                shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()), origin);
          },
          [](int i) { return misfit::Huber(0.2 + 0.3 * i); });
      expect_sum_of_each<T>(
          3, [&](int) { return misfit::Fourier<T>(shape, origin); },
          [](int i) { return misfit::L2(0.5 + i); });
    }
}

// So many of so small images that threads take groups of them.
TYPED_TEST(OneTransform, of_groups) {
  using T = TypeParam;
  const Exec exec;
  const Shape shape{4, 6};
  const int n = 2048 * misfit::test::world_size();
  const misfit::DistributedOperator all(MPI_COMM_WORLD, n,
                                        [&](int) { return misfit::Fourier<T>(shape); });
  const misfit::DistributedOperator one(MPI_COMM_WORLD, 1,
                                        [&](int) { return misfit::Fourier<T>(shape); });
  const auto data = [&](int) { return vector_of<T>(20, shape.size()); };
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::mean);
  const auto x = vector_of<T>(1, shape.size()), g = vector_of<T>(2, shape.size()),
             expected = vector_of<T>(3, shape.size());

  const double value = fidelity.fn_and_grad(exec, x, one.measurements(data), one, expected);

  const auto y = all.measurements(data);
  const double tolerance = 1000 * epsilon<T>;
  EXPECT_NEAR(fidelity.fn(exec, x, y, all), value, tolerance * value);
  EXPECT_NEAR(fidelity.fn_and_grad(exec, x, y, all, g), value, tolerance * value);
  detail::axpby(exec, -1, expected, 1, g);
  EXPECT_LE(std::sqrt(detail::dot(exec, g, g)),
            tolerance * std::sqrt(detail::dot(exec, expected, expected)));
}

// Of as many pixels, but of another shape or origin.
TYPED_TEST(OneTransform, not_of_those_that_are_several) {
  using T = TypeParam;
  const auto size = [](int) { return misfit::L2(0.7); };
  expect_sum_of_each<T>(
      6, [](int i) { return misfit::Fourier<T>(i % 2 == 0 ? Shape{4, 6} : Shape{6, 4}); }, size);
  expect_sum_of_each<T>(
      6, [](int i) { return misfit::Fourier<T>({4, 6}, i < 3 ? Origin::centre : Origin::corner); },
      size);
}

template <typename T>
class BlursOfOneTransform : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(BlursOfOneTransform, Scalars);

// Also of spectra whose tiles begin within a row, in double and in single precision.
TYPED_TEST(BlursOfOneTransform, of_kernels_and_weights_of_their_own) {
  using T = TypeParam;
  for (const Shape& shape : {Shape{8, 10}, Shape{64, 9}, Shape{5, 40}, Shape{3, 8, 7},
                             Shape{2, 40, 33}, Shape{128, 2, 20}, Shape{128, 4, 20}}) {
    SCOPED_TRACE(shape.text());
    expect_sum_of_each<T>(
        7,
        [&](int i) {
          return misfit::FourierBlur<T>(shape, batch_of<T>(static_cast<std::size_t>(60 + i), 3, 4));
        },
        [](int i) { return misfit::L2(0.5 + i); });
  }
}

// A subset takes other operators together than all of them.
TEST(FourierOfOneTransform, subsets) {
  using T = Kokkos::complex<double>;
  const Exec exec;
  const Shape shape{12, 18};
  const auto factory = [&](int i) {
    return misfit::Fourier(shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()));
  };
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 9, factory);
  const auto y = operators.measurements(
      [&](int i) { return vector_of<T>(static_cast<std::size_t>(20 + i), shape.size()); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<T>(1, shape.size()), g = vector_of<T>(2, shape.size()),
             sum = vector_of<T>(3, shape.size()), of_one = vector_of<T>(4, shape.size());
  Kokkos::deep_copy(sum, T(0));
  double expected = 0;
  const std::vector<int> chosen{1, 2, 5, 6, 8};
  for (const int i : chosen) {
    expected += fidelity.fn_and_grad(exec, x, y, operators, of_one,
                                     misfit::Subset({i}, misfit::Subset::Scale::none));
    detail::axpby(exec, 1, of_one, 1, sum);
  }

  EXPECT_NEAR(fidelity.fn_and_grad(exec, x, y, operators, g,
                                   misfit::Subset(chosen, misfit::Subset::Scale::none)),
              expected, 1e-13 * expected);
  detail::axpby(exec, -1, sum, 1, g);
  EXPECT_LE(std::sqrt(detail::dot(exec, g, g)), 1e-13 * std::sqrt(detail::dot(exec, sum, sum)));
}

TEST(FourierOfOneTransform, errors_name_the_operator) {
  using T = Kokkos::complex<double>;
  const Shape shape{12, 18};
  const int n = 3 * misfit::test::world_size(), wrong = n - 2;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, n,
                                              [&](int) { return misfit::Fourier<T>(shape); });
  const auto y = operators.measurements([&](int i) {
    const auto one = vector_of<T>(static_cast<std::size_t>(20 + i), shape.size());
    if (i == wrong) Kokkos::deep_copy(Kokkos::subview(one, 5), T(0));
    return one;
  });
  const auto x = vector_of<T>(1, shape.size()), g = vector_of<T>(2, shape.size());
  const misfit::DistributedDataFidelity fidelity(misfit::test::NotAtZeros{});

  EXPECT_TRUE(std::isfinite(fidelity.fn(Exec{}, x, y, operators)));
  misfit::test::expect_same_error<misfit::DomainError>(
      [&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); },
      {"operator " + std::to_string(wrong)});
}

TEST(FourierOfOneTransform, carries_what_is_not_finite_and_forgets_it) {
  using T = Kokkos::complex<double>;
  const Exec exec;
  const Shape shape{12, 18};
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3 * misfit::test::world_size(),
                                              [&](int) { return misfit::Fourier<T>(shape); });
  const auto y = operators.measurements(
      [&](int i) { return vector_of<T>(static_cast<std::size_t>(20 + i), shape.size()); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<T>(1, shape.size()), bad = vector_of<T>(1, shape.size()),
             g = vector_of<T>(2, shape.size()), h = vector_of<T>(3, shape.size());
  Kokkos::deep_copy(Kokkos::subview(bad, 5), T(std::numeric_limits<double>::infinity()));

  const double before = fidelity.fn_and_grad(exec, x, y, operators, g);
  EXPECT_TRUE(std::isnan(fidelity.fn(exec, bad, y, operators)));
  EXPECT_TRUE(std::isnan(fidelity.fn_and_grad(exec, bad, y, operators, h)));
  for (const auto& entry : misfit::test::on_host(h)) EXPECT_TRUE(std::isnan(detail::abs(entry)));
  EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, h), before);
  EXPECT_EQ(misfit::test::on_host(h), misfit::test::on_host(g));
}

#if defined(KOKKOS_ENABLE_SERIAL)
// One thread, against as many as the default host space has.
TEST(FourierOfOneTransform, gives_the_same_bits_for_any_number_of_threads) {
  if (!detail::in_cpu_form<Exec>) GTEST_SKIP() << "for CPUs";
  if constexpr (detail::in_cpu_form<Exec>) {
    using T = Kokkos::complex<double>;
    for (const Shape& shape : {Shape{20, 31}, Shape{64, 64}}) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 11, [&](int i) {
        return misfit::Fourier(shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()));
      });
      const auto y = operators.measurements([&](int) { return vector_of<T>(1, shape.size()); });
      const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
      const auto x = vector_of<T>(2, shape.size()), g = vector_of<T>(3, shape.size()),
                 h = vector_of<T>(4, shape.size());

      const double one = fidelity.fn_and_grad(Kokkos::Serial{}, x, y, operators, g);
      const double many =
          fidelity.fn_and_grad(Kokkos::DefaultHostExecutionSpace{}, x, y, operators, h);

      EXPECT_EQ(one, many);
      EXPECT_EQ(misfit::test::on_host(g), misfit::test::on_host(h));
    }
  }
}
#endif

}  // namespace
