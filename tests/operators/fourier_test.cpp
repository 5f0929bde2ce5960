// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using misfit::CoilFourier;
using misfit::Fourier;
using misfit::Origin;
using misfit::Shape;
using misfit::test::expect_argument_error;
using reference::Number;
using reference::Numbers;

template <typename T>
class FourierTest : public testing::Test {};
using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(FourierTest, ComplexScalars);

/// Even, odd and mixed extents; blocks of lines that are full, and cut; extents of 1; primes.
std::vector<Shape> shapes() {
  return {{8, 10},    {7, 9},    {6, 9},     {1, 5},    {5, 1},  {12},
          {4, 6, 10}, {3, 5, 7}, {4, 5, 18}, {1, 1, 1}, {17, 34}};
}
constexpr Origin origins[] = {Origin::centre, Origin::corner};

/// The definition, in long double.
Numbers transform(const Shape& shape, Origin origin, const Numbers& x) {
  const auto coordinate = [&](std::size_t& flat, std::size_t d) {
    const auto n = static_cast<long long>(shape[d]);
    const auto entry = static_cast<long long>(flat % shape[d]);
    flat /= shape[d];
    return entry - (origin == Origin::centre ? n / 2 : 0);
  };
  Numbers y(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      long double turns = 0;
      std::size_t of_k = k, of_j = j;
      for (std::size_t d = shape.rank(); d-- > 0;) {
        const auto n = static_cast<long long>(shape[d]);
        const long long product = coordinate(of_k, d) * coordinate(of_j, d);
        turns += static_cast<long double>(product % n) / static_cast<long double>(n);
      }
      y[k] += x[j] * std::polar(1.0L, -2 * std::numbers::pi_v<long double> * turns);
    }
    y[k] /= std::sqrt(static_cast<long double>(x.size()));
  }
  return y;
}

/// Errors of a transform are of the order ε log N of the norm of its input, √N of its entries.
template <typename T>
constexpr long double tolerance() {
  return 50 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();
}

TYPED_TEST(FourierTest, is_the_sum_that_defines_it) {
  for (const Shape& shape : shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(shape.text() + (origin == Origin::centre ? ", centre" : ", corner"));
      const auto x = reference::random_vector<TypeParam>(shape.size(), 1);
      const auto expected = transform(shape, origin, reference::numbers(x));

      const Fourier<TypeParam> a(shape, origin);

      EXPECT_EQ(a.domain_size(), shape.size());
      EXPECT_EQ(a.range_size(), shape.size());
      reference::expect_close(reference::apply<TypeParam>(a, x), expected, tolerance<TypeParam>());
    }
}

TYPED_TEST(FourierTest, is_orthonormal) {
  const Kokkos::DefaultExecutionSpace exec;
  for (const Shape& shape : shapes()) {
    const Fourier<TypeParam> a(shape);
    const auto x = reference::random_vector<TypeParam>(shape.size(), 1);
    const misfit::Vector<TypeParam> back("back", shape.size());

    const auto y = reference::apply<TypeParam>(a, x);
    a.add_adjoint(exec, typename misfit::Vector<TypeParam>::const_type(y), back);
    exec.fence();

    reference::expect_close(back, reference::numbers(x), tolerance<TypeParam>());
  }
}

template <typename T, typename M>
void check_masked(const Shape& shape, Origin origin) {
  const auto x = reference::random_vector<T>(shape.size(), 1);
  const auto coil = reference::random_vector<T>(shape.size(), 6);
  const auto mask = reference::random_vector<M>(shape.size(), 7);
  const auto c = reference::numbers(coil), m = reference::numbers(mask);
  const auto masked = [&](Numbers y) {
    for (std::size_t q = 0; q < y.size(); ++q) y[q] *= m[q];
    return y;
  };
  Numbers through_coil = reference::numbers(x);
  for (std::size_t j = 0; j < c.size(); ++j) through_coil[j] *= c[j];

  const Fourier plain(shape, mask, origin);
  const CoilFourier of_coil(shape, coil, origin);
  const CoilFourier of_masked_coil(shape, misfit::Vector<const T>(coil), mask, origin);

  reference::expect_close(reference::apply<T>(plain, x),
                          masked(transform(shape, origin, reference::numbers(x))), tolerance<T>());
  reference::expect_close(reference::apply<T>(of_coil, x), transform(shape, origin, through_coil),
                          tolerance<T>());
  reference::expect_close(reference::apply<T>(of_masked_coil, x),
                          masked(transform(shape, origin, through_coil)), tolerance<T>());
  reference::expect_adjoint<T>(Fourier<T>(shape, origin));
  reference::expect_adjoint<T>(plain);
  reference::expect_adjoint<T>(of_coil);
  reference::expect_adjoint<T>(of_masked_coil);
}

TYPED_TEST(FourierTest, with_masks_and_coils) {
  for (const Shape& shape : shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(shape.text() + (origin == Origin::centre ? ", centre" : ", corner"));
      check_masked<TypeParam, TypeParam>(shape, origin);
      check_masked<TypeParam, misfit::detail::Real<TypeParam>>(shape, origin);
    }
}

TYPED_TEST(FourierTest, refuses) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  const misfit::Vector<T> right("right", 12), wrong("wrong", 11);
  const misfit::Vector<R> infinite("infinite", 12);
  Kokkos::deep_copy(Kokkos::subview(infinite, 5), std::numeric_limits<R>::infinity());
  const misfit::Vector<T> nan("nan", 12);
  Kokkos::deep_copy(Kokkos::subview(nan, 11), T(0, std::numeric_limits<R>::quiet_NaN()));

  expect_argument_error("Fourier: mask: has 11 entries, the image has 12",
                        [&] { Fourier({3, 4}, wrong); });
  expect_argument_error("Fourier: mask: has 0 entries",
                        [&] { Fourier({3, 4}, misfit::Vector<T>{}); });
  expect_argument_error("Fourier: mask: has entries that are not finite",
                        [&] { Fourier({3, 4}, infinite); });
  expect_argument_error("Fourier: shape 2 x 2 x 3 x 1 has more than 3 dimensions",
                        [] { Fourier<T>({2, 2, 3, 1}); });
  expect_argument_error("shape", [] { Fourier<T>({3, 0}); });
  expect_argument_error("CoilFourier: coil map: has 11 entries",
                        [&] { CoilFourier({3, 4}, wrong, right); });
  expect_argument_error("CoilFourier: mask: has 11 entries",
                        [&] { CoilFourier({3, 4}, right, wrong); });
  expect_argument_error("CoilFourier: coil map: has entries that are not finite",
                        [&] { CoilFourier({3, 4}, nan); });
}

using Complex = Kokkos::complex<double>;
static_assert(misfit::LinearOperator<Fourier<Complex>, Complex>);
static_assert(!misfit::Operator<Fourier<Complex>, double, Complex>);
static_assert(!misfit::Operator<Fourier<Complex>, Kokkos::complex<float>>);
static_assert(std::is_same_v<decltype(Fourier({2, 2}, misfit::Vector<float>{})),
                             Fourier<Kokkos::complex<float>, misfit::Vector<float>>>);

/// Plans are shared, and made and used by several threads at once; so is the memory lent.
TEST(Fourier, in_several_threads) {
  if (!std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::DefaultHostExecutionSpace>)
    GTEST_SKIP() << "on a CPU only";
  const auto x = reference::random_vector<Complex>(30 * 21, 1);
  const auto expected =
      reference::numbers(reference::apply<Complex>(Fourier<Complex>({30, 21}), x));
  const Kokkos::DefaultExecutionSpace exec;
  std::vector<misfit::Vector<Complex>> results;
  for (int t = 0; t < 4; ++t) results.emplace_back("result", 30 * 21);
  if (exec.concurrency() > 1) GTEST_SKIP() << "Kokkos takes kernels from one thread only";

  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round)
        Fourier<Complex>({30, 21}).apply(exec, misfit::Vector<const Complex>(x), results[t]);
    });
  for (auto& thread : threads) thread.join();

  for (const auto& result : results) EXPECT_EQ(reference::numbers(result), expected);
}

static_assert(misfit::LinearOperator<
              misfit::Fourier<Kokkos::complex<double>, misfit::NoMask<Kokkos::HostSpace>>,
              Kokkos::complex<double>, Kokkos::complex<double>, Kokkos::DefaultHostExecutionSpace>);

}  // namespace
