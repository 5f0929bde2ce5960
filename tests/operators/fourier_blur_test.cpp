// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/flatten.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/fourier_blur.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::FourierBlur;
using misfit::Shape;
using misfit::test::expect_argument_error;

template <typename T>
class FourierBlurTest : public testing::Test {};
TYPED_TEST_SUITE(FourierBlurTest, reference::Scalars);

template <typename V>
auto filled(const V& kernel) {
  using T = typename V::non_const_value_type;
  Kokkos::deep_copy(misfit::flatten(kernel), reference::random_vector<T>(kernel.size(), 5));
  return kernel;
}
template <typename K>
auto kernel(std::size_t n0) {
  return filled(Kokkos::View<K*>("kernel", n0));
}
template <typename K>
auto kernel(std::size_t n0, std::size_t n1) {
  return filled(Kokkos::View<K**>("kernel", n0, n1));
}
template <typename K>
auto kernel(std::size_t n0, std::size_t n1, std::size_t n2) {
  return filled(Kokkos::View<K***>("kernel", n0, n1, n2));
}

/// Rounding of a few dozen terms, and of a transform, against the largest entry.
template <typename T>
constexpr long double blur_tolerance() {
  return 100 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();
}

template <typename T, typename Kernel>
void expect_like_blur(const Shape& shape, const Kernel& kernel) {
  SCOPED_TRACE("image " + shape.text() + ", kernel of " + std::to_string(kernel.size()));
  const auto x = reference::random_vector<T>(shape.size(), 1);
  const misfit::Blur blur(shape, kernel);
  const FourierBlur<T> a(shape, kernel);

  EXPECT_EQ(a.domain_size(), shape.size());
  EXPECT_EQ(a.range_size(), shape.size());
  reference::expect_close(reference::apply<T>(a, x),
                          reference::numbers(reference::apply<T>(blur, x)), blur_tolerance<T>());
  reference::expect_adjoint<T>(a);
}

template <typename T, typename K>
void check_kernels() {
  expect_like_blur<T>({12}, kernel<K>(5));
  expect_like_blur<T>({11}, kernel<K>(4));
  expect_like_blur<T>({5, 9}, kernel<K>(3));  // channels
  expect_like_blur<T>({8, 10}, kernel<K>(3, 5));
  expect_like_blur<T>({7, 9}, kernel<K>(4, 2));
  expect_like_blur<T>({3, 6, 9}, kernel<K>(3, 3));
  expect_like_blur<T>({2, 3, 6, 8}, kernel<K>(1, 4));
  expect_like_blur<T>({4, 6, 10}, kernel<K>(3, 2, 5));
  expect_like_blur<T>({3, 5, 7}, kernel<K>(2, 5, 3));
  expect_like_blur<T>({2, 4, 5, 18}, kernel<K>(3, 3, 3));
  expect_like_blur<T>({17, 34}, kernel<K>(17, 34));    // all round
  expect_like_blur<T>({3, 4}, kernel<K>(7, 9));        // and further
  expect_like_blur<T>({2, 32, 131}, kernel<K>(3, 5));  // several blocks of lines
  expect_like_blur<T>({18, 5, 70}, kernel<K>(3, 2, 3));
  expect_like_blur<T>({1, 1}, kernel<K>(1, 1));
  expect_like_blur<T>({6, 1}, kernel<K>(3, 1));
}

TYPED_TEST(FourierBlurTest, is_blur_with_circular_padding) {
  check_kernels<TypeParam, TypeParam>();
  check_kernels<TypeParam, misfit::detail::Real<TypeParam>>();
}

// Results are cut off at Σh x, where the sum must be right.
TEST(FourierBlurBounds, of_a_wide_box) {
  constexpr std::size_t side = 101, n = 128;
  const Kokkos::View<double**> box("box", side, side);
  Kokkos::deep_copy(box, 1.0 / (side * side));
  const misfit::Vector<double> ones("ones", n * n);
  Kokkos::deep_copy(ones, 1.0);

  const auto y = reference::numbers(reference::apply<double>(FourierBlur({n, n}, box), ones));

  for (const auto& entry : y) EXPECT_NEAR(static_cast<double>(entry.real()), 1.0, 4e-15);
}

TEST(FourierBlurBounds, take_numbers_whose_modulus_is_none) {
  using T = Kokkos::complex<double>;
  const Kokkos::View<T**> huge("huge", 1, 1);
  Kokkos::deep_copy(huge, T(1.5e308, 1.5e308));
  EXPECT_NO_THROW(FourierBlur<T>({4, 4}, huge));
}

TYPED_TEST(FourierBlurTest, refuses) {
  using R = misfit::detail::Real<TypeParam>;
  const auto infinite = kernel<TypeParam>(3, 3);
  Kokkos::deep_copy(Kokkos::subview(infinite, 1, 2), TypeParam(std::numeric_limits<R>::infinity()));

  expect_argument_error("FourierBlur: kernel is empty",
                        [] { FourierBlur({3, 4}, Kokkos::View<TypeParam**>("empty", 0, 3)); });
  expect_argument_error("FourierBlur: kernel: has entries that are not finite",
                        [&] { FourierBlur({3, 4}, infinite); });
  expect_argument_error("FourierBlur: kernel of rank 2 for an image of shape 12",
                        [&] { FourierBlur({12}, kernel<TypeParam>(3, 3)); });
  expect_argument_error("FourierBlur: kernel of 8 entries is too large for an image of 3",
                        [&] { FourierBlur({3, 4}, kernel<TypeParam>(8, 3)); });
}

using Complex = Kokkos::complex<double>;
static_assert(misfit::LinearOperator<FourierBlur<double>, double>);
static_assert(!misfit::Operator<FourierBlur<double>, Complex>);
static_assert(!misfit::Operator<FourierBlur<double>, float>);
static_assert(
    std::is_same_v<decltype(FourierBlur({2}, Kokkos::View<Complex*>{})), FourierBlur<Complex>>);

}  // namespace
