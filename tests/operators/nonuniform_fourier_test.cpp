// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"

#include <misfit/detail/gridding/kernel.hpp>
#include <misfit/misfit.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using misfit::NonuniformFourier;
using misfit::Shape;
using Exec = Kokkos::DefaultExecutionSpace;

/// Even products of 2, 3 and 5, of which there is one close above every number.
TEST(GoodFftLength, is_the_next_even_one_of_small_factors) {
  const auto next = misfit::detail::good_fft_length;
  EXPECT_EQ(next(1), 2);
  EXPECT_EQ(next(7), 8);
  EXPECT_EQ(next(9), 10);
  EXPECT_EQ(next(14), 16);
  EXPECT_EQ(next(25), 30);
  EXPECT_EQ(next(91), 96);
  EXPECT_EQ(next(97), 100);
  EXPECT_EQ(next(150), 150);
}

template <typename R>
using Frequencies = Kokkos::View<R* [2], Kokkos::LayoutRight>;
template <typename T>
using Numbers = Kokkos::View<T*>;

/// A radial trajectory, to the very edge, and `more` frequencies that follow no pattern.
template <typename R>
Frequencies<R> trajectory(int spokes, int readouts, int more, unsigned seed = 1) {
  Frequencies<R> k("k", static_cast<std::size_t>(spokes * readouts + more));
  const auto host = Kokkos::create_mirror_view(k);
  std::size_t s = 0;
  for (int i = 0; i < spokes; ++i)
    for (int j = 0; j < readouts; ++j, ++s) {
      const double radius = static_cast<double>(j) / (readouts - 1) - 0.5,
                   angle = M_PI * i / spokes;
      host(s, 0) = static_cast<R>(radius * std::cos(angle));
      host(s, 1) = static_cast<R>(radius * std::sin(angle));
    }
  std::uint64_t state = seed;
  const auto number = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) / 9007199254740992.0 - 0.5;
  };
  for (; s < host.extent(0); ++s)
    for (const int d : {0, 1}) host(s, d) = static_cast<R>(number());
  Kokkos::deep_copy(k, host);
  return k;
}

template <typename T>
Numbers<T> random(std::size_t n, std::uint64_t seed) {
  Numbers<T> x("x", n);
  misfit::detail::fill_random(Exec{}, x, seed);
  return x;
}

/// |A x − Σ_j x_j e^{−2πi k·(j − c)} / √N| / |…|, the sum in double.
template <typename R>
double error_against_the_sum(const Shape& shape, const Frequencies<R>& k) {
  using T = Kokkos::complex<R>;
  const NonuniformFourier a(shape, k);
  const auto x = random<T>(shape.size(), 3);
  const Numbers<T> y("y", a.range_size());
  a.apply(Exec{}, x, y);
  const auto host_x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, x);
  const auto host_y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, y);
  const auto host_k = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, k);
  double off = 0, size = 0;
  for (std::size_t s = 0; s < y.extent(0); ++s) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < shape[0]; ++i)
      for (std::size_t j = 0; j < shape[1]; ++j) {
        const long double turns = static_cast<long double>(host_k(s, 0)) *
                                      (static_cast<double>(i) - static_cast<double>(shape[0] / 2)) +
                                  static_cast<long double>(host_k(s, 1)) *
                                      (static_cast<double>(j) - static_cast<double>(shape[1] / 2));
        const auto part = static_cast<double>(turns - std::round(turns));
        const T entry = host_x(i * shape[1] + j);
        sum += std::complex<double>(entry.real(), entry.imag()) * std::polar(1.0, -2 * M_PI * part);
      }
    sum /= std::sqrt(static_cast<double>(shape.size()));
    off += std::norm(sum - std::complex<double>(host_y(s).real(), host_y(s).imag()));
    size += std::norm(sum);
  }
  return std::sqrt(off / size);
}

TEST(NonuniformFourier, is_the_direct_sum) {
  for (const Shape& shape : {Shape{32, 32}, Shape{33, 20}, Shape{1, 7}, Shape{5, 64}}) {
    EXPECT_LT(error_against_the_sum<double>(shape, trajectory<double>(7, 33, 50)), 1e-9)
        << shape.text();
    EXPECT_LT(error_against_the_sum<float>(shape, trajectory<float>(7, 33, 50)), 1e-5)
        << shape.text();
  }
}

/// Frequencies are periodic: one rounding beyond 1/2, and any number of turns away.
TEST(NonuniformFourier, takes_frequencies_of_any_size) {
  const auto with = [](auto... numbers) {
    using R = std::common_type_t<decltype(numbers)...>;
    const std::vector<R> all{numbers...};
    const Frequencies<R> k("k", all.size() / 2);
    const auto host = Kokkos::create_mirror_view(k);
    for (std::size_t s = 0; s < all.size(); ++s) host(s / 2, s % 2) = all[s];
    Kokkos::deep_copy(k, host);
    return k;
  };
  const float above = std::nextafter(0.5F, 1.0F);  // 0.50000006
  for (const Shape& shape : {Shape{32, 32}, Shape{33, 20}, Shape{32, 21}, Shape{33, 21}}) {
    EXPECT_LT(error_against_the_sum(shape, with(above, -above, -above, 0.25F, 0.1F, above)), 1e-5)
        << shape.text();
    EXPECT_LT(error_against_the_sum(shape, with(7.3F, -1000.7F, 0.51F, -3.0F)), 1e-5)
        << shape.text();
    EXPECT_LT(error_against_the_sum(shape, with(std::nextafter(0.5, 1.0), -0.7, 3.2, -1e6 - 0.1,
                                                -0.5 - 1e-9, 12345.5, 0.5, -0.5)),
              1e-9)
        << shape.text();
  }
}

TEST(NonuniformFourier, a_turn_more_is_the_same_frequency) {
  using T = Kokkos::complex<double>;
  const Shape shape{9, 12};
  const auto k = trajectory<double>(3, 9, 20), turned = trajectory<double>(3, 9, 20);
  const auto host = Kokkos::create_mirror_view(k), more = Kokkos::create_mirror_view(turned);
  Kokkos::deep_copy(host, k);
  for (std::size_t s = 0; s < k.extent(0); ++s)
    for (const int d : {0, 1}) {  // multiples of 2^-20, to which a turn is added exactly
      host(s, d) = std::round(host(s, d) * 1048576) / 1048576;
      more(s, d) = host(s, d) +
                   (d == 0 ? static_cast<double>(s % 7) - 3 : -1000 * static_cast<double>(s % 3));
    }
  Kokkos::deep_copy(k, host);
  Kokkos::deep_copy(turned, more);
  const auto x = random<T>(shape.size(), 5);
  const Numbers<T> y("y", k.extent(0)), expected("expected", k.extent(0));

  NonuniformFourier(shape, turned).apply(Exec{}, x, y);
  NonuniformFourier(shape, k).apply(Exec{}, x, expected);

  misfit::detail::axpby(Exec{}, -1, expected, 1, y);
  EXPECT_LT(misfit::detail::dot(Exec{}, y, y), 1e-18 * misfit::detail::dot(Exec{}, x, x));
}

TEST(NonuniformFourier, at_the_frequencies_of_a_grid_is_the_fourier_transform) {
  using T = Kokkos::complex<double>;
  const std::size_t n = 12, m = 9;
  Frequencies<double> k("k", n * m);
  const auto host = Kokkos::create_mirror_view(k);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) {
      host(i * m + j, 0) = (static_cast<double>(i) - 6.0) / static_cast<double>(n);
      host(i * m + j, 1) = (static_cast<double>(j) - 4.0) / static_cast<double>(m);
    }
  Kokkos::deep_copy(k, host);
  const auto x = random<T>(n * m, 5);
  const Numbers<T> y("y", n * m), expected("expected", n * m);

  NonuniformFourier(Shape{n, m}, k).apply(Exec{}, x, y);
  misfit::Fourier<T>(Shape{n, m}).apply(Exec{}, x, expected);

  misfit::detail::axpby(Exec{}, -1, expected, 1, y);
  EXPECT_LT(misfit::detail::dot(Exec{}, y, y), 1e-18 * misfit::detail::dot(Exec{}, x, x));
}

TEST(NonuniformFourier, adjoint_is_that_of_the_gridding) {
  for (const Shape& shape : {Shape{32, 32}, Shape{33, 20}, Shape{1, 7}, Shape{2, 3}}) {
    const NonuniformFourier in_double(shape, trajectory<double>(7, 33, 50));
    const NonuniformFourier in_float(shape, trajectory<float>(7, 33, 50));
    const auto error = misfit::check_adjoint<Kokkos::complex<double>>(Exec{}, in_double);
    const auto float_error = misfit::check_adjoint<Kokkos::complex<float>>(Exec{}, in_float);
    EXPECT_TRUE(error.passed()) << shape.text() << ": " << error.error;
    EXPECT_TRUE(float_error.passed()) << shape.text() << ": " << float_error.error;
  }
}

TEST(NonuniformFourier, same_bits_every_time) {
  using T = Kokkos::complex<float>;
  const Shape shape{40, 40};
  const NonuniformFourier a(shape, trajectory<float>(31, 60, 100)), copy = a;
  const auto y = random<T>(a.range_size(), 7);
  const Numbers<T> first("first", shape.size()), second("second", shape.size());
  a.add_adjoint(Exec{}, y, first);
  copy.add_adjoint(Exec{}, y, second);
  const auto one = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, first);
  const auto two = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, second);
  for (std::size_t j = 0; j < shape.size(); ++j) ASSERT_EQ(one(j), two(j));
}

// Visibilities of an interferometer: weights by their noise, batches of them over the ranks.
TEST(NonuniformFourier, weighted_fidelity_over_ranks) {
  using T = Kokkos::complex<double>;
  const Shape shape{16, 18};
  misfit::DistributedOperator batches(MPI_COMM_WORLD, 5, [&](int i) {
    return NonuniformFourier(shape, trajectory<double>(3, 9, 20, static_cast<unsigned>(i + 1)));
  });
  const auto y = batches.measurements(
      [&](int i) { return random<T>(batches.range_size(i), 20 + static_cast<unsigned>(i)); });
  const misfit::DistributedDataFidelity fidelity(batches, [&](int i) {
    const Numbers<double> weights("weights", batches.range_size(i));
    Kokkos::deep_copy(weights, 1.0 + i);
    return misfit::WeightedL2{weights};
  });
  const auto result =
      misfit::check_gradient(Exec{}, fidelity, random<T>(shape.size(), 9), y, batches);
  EXPECT_TRUE(result.passed()) << result.error;
}

TEST(NonuniformFourier, refuses_what_is_no_trajectory) {
  const auto with = [](double k) {
    Frequencies<double> one("k", 1);
    Kokkos::deep_copy(one, k);
    return one;
  };
  EXPECT_THROW(NonuniformFourier(Shape{8}, with(0.1)), misfit::ArgumentError);
  EXPECT_THROW(NonuniformFourier(Shape{8, 8, 8}, with(0.1)), misfit::ArgumentError);
  EXPECT_THROW(NonuniformFourier(Shape{8, 8}, Frequencies<double>("k", 0)), misfit::ArgumentError);
  for (const double bad :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(NonuniformFourier(Shape{8, 8}, with(bad)), misfit::ArgumentError) << bad;
  const Kokkos::View<double**> three("k", 4, 3);
  EXPECT_THROW(NonuniformFourier(Shape{8, 8}, three), misfit::ArgumentError);
}

}  // namespace
