// SPDX-License-Identifier: BSD-3-Clause
#include "fourier_transforms.hpp"

#include <misfit/operators/fourier.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using fourier_transforms::large_shapes;
using fourier_transforms::masked;
using fourier_transforms::origins;
using fourier_transforms::shapes;
using fourier_transforms::text;
using fourier_transforms::tolerance;
using fourier_transforms::transform;
using misfit::Fourier;
using misfit::Origin;
using misfit::Shape;
using misfit::test::expect_argument_error;

template <typename T>
class FourierTest : public testing::Test {};
TYPED_TEST_SUITE(FourierTest, fourier_transforms::ComplexScalars);

// Lines are copied along other dimensions than the last: a long one takes no memory for that.
TEST(FourierMemory, of_one_long_line) {
  using Complex = Kokkos::complex<double>;
  const std::int64_t n = 1 << 20;
  for (const Shape& shape : {Shape{1 << 20}, Shape{64, 1 << 20}}) {
    const misfit::detail::FftGrid grid(shape, shape.rank(), false);
    EXPECT_LE(misfit::detail::FftLineLayout<Complex>(grid, false).buffer_size(), 2 * n);
  }
}

TYPED_TEST(FourierTest, is_the_sum_that_defines_it) {
  for (const Shape& shape : shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(text(shape, origin));
      const auto x = reference::random_vector<TypeParam>(shape.size(), 1);
      const auto expected = transform(shape, origin, reference::numbers(x));

      const Fourier<TypeParam> a(shape, origin);

      EXPECT_EQ(a.domain_size(), shape.size());
      EXPECT_EQ(a.range_size(), shape.size());
      reference::expect_close(reference::apply<TypeParam>(a, x), expected, tolerance<TypeParam>());
    }
}

/// The image of two points, whose spectrum has no zeros, and back.
TYPED_TEST(FourierTest, of_large_images) {
  const Kokkos::DefaultExecutionSpace exec;
  for (const Shape& shape : large_shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(text(shape, origin));
      const misfit::Vector<TypeParam> x("x", shape.size()), back("back", shape.size());
      Kokkos::deep_copy(Kokkos::subview(x, 1), TypeParam(2));
      Kokkos::deep_copy(Kokkos::subview(x, shape.size() / 3), TypeParam(1));
      const Fourier<TypeParam> a(shape, origin);

      const auto y = reference::apply<TypeParam>(a, x);
      a.add_adjoint(exec, typename misfit::Vector<TypeParam>::const_type(y), back);
      exec.fence();

      reference::expect_close(y, transform(shape, origin, reference::numbers(x)),
                              tolerance<TypeParam>());
      reference::expect_close(back, reference::numbers(x), tolerance<TypeParam>());
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
  const auto mask = reference::random_vector<M>(shape.size(), 7);

  const Fourier plain(shape, mask, origin);

  reference::expect_close(
      reference::apply<T>(plain, x),
      masked(reference::numbers(mask), transform(shape, origin, reference::numbers(x))),
      tolerance<T>());
  reference::expect_adjoint<T>(Fourier<T>(shape, origin));
  reference::expect_adjoint<T>(plain);
}

TYPED_TEST(FourierTest, with_masks) {
  for (const Shape& shape : shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(text(shape, origin));
      check_masked<TypeParam, TypeParam>(shape, origin);
      check_masked<TypeParam, misfit::detail::Real<TypeParam>>(shape, origin);
    }
}

TYPED_TEST(FourierTest, refuses) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  const misfit::Vector<T> wrong("wrong", 11);
  const misfit::Vector<R> infinite("infinite", 12);
  Kokkos::deep_copy(Kokkos::subview(infinite, 5), std::numeric_limits<R>::infinity());

  expect_argument_error("Fourier: mask: has 11 entries, the image has 12",
                        [&] { Fourier({3, 4}, wrong); });
  expect_argument_error("Fourier: mask: has 0 entries",
                        [&] { Fourier({3, 4}, misfit::Vector<T>{}); });
  expect_argument_error("Fourier: mask: has entries that are not finite",
                        [&] { Fourier({3, 4}, infinite); });
  expect_argument_error("Fourier: shape 2 x 2 x 3 x 1 has more than 3 dimensions",
                        [] { Fourier<T>({2, 2, 3, 1}); });
  expect_argument_error("shape", [] { Fourier<T>({3, 0}); });
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
