// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/convolution/flipped_kernel.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace {

using misfit::Padding;
using misfit::Shape;

using Extents = std::array<std::size_t, 3>;

constexpr std::array all_paddings = {Padding::valid, Padding::circular, Padding::reflect,
                                     Padding::replicate};

template <typename K>
constexpr double eps = std::numeric_limits<misfit::detail::Real<K>>::epsilon();

template <typename K>
using Kernel = Kokkos::View<K***, Kokkos::LayoutRight, Kokkos::HostSpace>;

/// h(i, j, l) = a(i) b(j) c(l), with random factors.
template <typename K>
Kernel<K> outer_product(const Extents& k) {
  const auto factors = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace{}, reference::random_vector<K>(k[0] + k[1] + k[2], 5));
  const Kernel<K> h("h", k[0], k[1], k[2]);
  for (std::size_t i = 0; i < k[0]; ++i)
    for (std::size_t j = 0; j < k[1]; ++j)
      for (std::size_t l = 0; l < k[2]; ++l)
        h(i, j, l) = factors(i) * factors(k[0] + j) * factors(k[0] + k[1] + l);
  return h;
}

template <typename K>
Kernel<K> gaussian(const Extents& k) {
  using R = misfit::detail::Real<K>;
  const Kernel<K> h("h", k[0], k[1], k[2]);
  R sum = 0;
  const auto for_each = [&](const auto& f) {
    for (std::size_t i = 0; i < k[0]; ++i)
      for (std::size_t j = 0; j < k[1]; ++j)
        for (std::size_t l = 0; l < k[2]; ++l) f(i, j, l);
  };
  const auto squared = [](std::size_t i, std::size_t n) {
    const R at = static_cast<R>(i) - static_cast<R>(n - 1) / 2;
    return at * at;
  };
  for_each([&](auto i, auto j, auto l) {
    const R r2 = squared(i, k[0]) + squared(j, k[1]) + squared(l, k[2]);
    const R value = std::exp(-r2 / R(2.9));
    h(i, j, l) = K(value);
    sum += value;
  });
  for_each([&](auto i, auto j, auto l) { h(i, j, l) /= sum; });
  return h;
}

template <typename K>
double largest(const Kernel<K>& h) {
  double most = 0;
  for (std::size_t q = 0; q < h.size(); ++q)
    most = std::max(most, misfit::detail::abs(h.data()[q]));
  return most;
}

template <typename K>
bool is_separable(const Kernel<K>& h) {
  return !misfit::detail::separable_factors(misfit::detail::flipped_kernel<K>(h)).empty();
}

/// The kernel with another first entry, so that it is no outer product.
template <typename K>
Kernel<K> perturbed(const Kernel<K>& h, double epsilons) {
  const Kernel<K> other("other", h.extent(0), h.extent(1), h.extent(2));
  Kokkos::deep_copy(other, h);
  other(0, 0, 0) += K(static_cast<misfit::detail::Real<K>>(epsilons * eps<K> * largest(h)));
  return other;
}

template <typename T>
misfit::Vector<T> adjoint(const misfit::Blur<T>& a) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto y = reference::random_vector<T>(a.range_size(), 3);
  const misfit::Vector<T> x("x", a.domain_size());
  a.add_adjoint(exec, misfit::Vector<const T>(y), x);
  exec.fence();
  return x;
}

/// Expects the same blur, and adjoint, from dimension after dimension and from all at once.
template <typename T>
void expect_same(const Shape& shape, const Extents& k) {
  const auto h = outer_product<T>(k);
  const auto other = perturbed(h, 64);
  ASSERT_TRUE(is_separable(h));
  ASSERT_FALSE(is_separable(other));
  // In units of the largest term, |h| |x| with |x| < 2. A sum of n terms, complex ones too, is
  // wrong by less than n + 3 eps of the sum of their sizes: n = m = k0 k1 k2 all at once, n = k0 +
  // k1 + k2 in three passes, with three times the 3. The factors give each entry of the kernel to
  // 12 eps, and one entry is wrong by 64. For the adjoint, padding multiplies the terms: an entry
  // is found at no more than 1 + k / 2 positions in each dimension.
  const auto sum = static_cast<double>(k[0] + k[1] + k[2]);
  const auto m = static_cast<double>(h.size());
  const auto bound = [&](double positions) {
    return 2 * largest(h) * eps<T> * positions * (m * (positions * (m + sum) + 3 + 9 + 12) + 64);
  };
  const auto positions = static_cast<double>((1 + k[0] / 2) * (1 + k[1] / 2) * (1 + k[2] / 2));
  const auto x = reference::random_vector<T>(shape.size(), 1);

  for (const Padding padding : all_paddings)
    for (const std::size_t factor : {1u, 2u, 3u, 100u}) {
      SCOPED_TRACE("shape " + shape.text() + ", kernel of " + std::to_string(k[0]) + " x " +
                   std::to_string(k[1]) + " x " + std::to_string(k[2]) + ", padding " +
                   std::to_string(static_cast<int>(padding)) + ", factor " +
                   std::to_string(factor));
      const auto sampled = [&](const auto& kernel) {
        const misfit::Blur<T> blur(shape, kernel, padding);
        return compose(misfit::Downsample(blur.range_shape(), factor), blur);
      };
      const auto a = sampled(h), b = sampled(other);
      const auto expect_near = [&](const auto& one, const auto& two, double tolerance) {
        const auto difference =
            reference::difference(reference::numbers(one), reference::numbers(two));
        for (const auto& entry : difference) ASSERT_LE(std::abs(entry), tolerance);
      };

      expect_near(reference::apply<T>(a, x), reference::apply<T>(b, x), bound(1));
      expect_near(adjoint(a), adjoint(b), bound(positions));
      reference::expect_adjoint<T>(a);
    }
}

template <typename T>
class SeparableBlurs : public testing::Test {};
TYPED_TEST_SUITE(SeparableBlurs, reference::Scalars);

TYPED_TEST(SeparableBlurs, two_dimensions) {
  using T = TypeParam;
  for (const Extents k : {Extents{1, 3, 5}, Extents{1, 4, 2}, Extents{1, 5, 9}}) {
    expect_same<T>({2, 11, 13}, k);
    expect_same<T>({2, 3, 7, 80}, k);
  }
}

TYPED_TEST(SeparableBlurs, three_dimensions) {
  using T = TypeParam;
  for (const Extents k : {Extents{3, 5, 3}, Extents{2, 4, 3}, Extents{3, 1, 4}}) {
    expect_same<T>({5, 6, 7}, k);
    expect_same<T>({2, 4, 5, 9}, k);
  }
}

/// Images of several tiles in each direction.
TYPED_TEST(SeparableBlurs, many_tiles) {
  using T = TypeParam;
  expect_same<T>({1, 7, 20000}, {1, 3, 6});
  expect_same<T>({3, 5, 9000}, {3, 2, 5});
  expect_same<T>({1, 200, 9}, {1, 4, 3});
}

TYPED_TEST(SeparableBlurs, real_kernel_of_any_image) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  const auto h = outer_product<R>({1, 3, 5});
  const Kernel<T> promoted("promoted", 1, 3, 5);
  for (std::size_t q = 0; q < h.size(); ++q) promoted.data()[q] = h.data()[q];
  const Shape shape{2, 10, 75};
  const auto x = reference::random_vector<T>(shape.size(), 1);

  for (const Padding padding : all_paddings) {
    const misfit::Blur<R> real(shape, h, padding);
    const misfit::Blur<T> complex(shape, promoted, padding);
    reference::expect_close(reference::apply<T>(real, x),
                            reference::numbers(reference::apply<T>(complex, x)),
                            reference::adjoint_tolerance<T>());
    reference::expect_adjoint<T>(real);
  }
}

TYPED_TEST(SeparableBlurs, recognised) {
  using T = TypeParam;

  EXPECT_TRUE(is_separable(gaussian<T>({1, 5, 5})));
  EXPECT_TRUE(is_separable(gaussian<T>({1, 9, 12})));
  EXPECT_TRUE(is_separable(gaussian<T>({5, 5, 5})));
  EXPECT_TRUE(is_separable(gaussian<T>({7, 1, 4})));
  EXPECT_FALSE(is_separable(perturbed(gaussian<T>({1, 5, 5}), 12)));
  EXPECT_FALSE(is_separable(perturbed(gaussian<T>({5, 5, 5}), 16)));
  // Nothing to gain.
  EXPECT_FALSE(is_separable(gaussian<T>({1, 1, 9})));
  EXPECT_FALSE(is_separable(gaussian<T>({1, 9, 1})));
  EXPECT_FALSE(is_separable(Kernel<T>("zero", 3, 3, 3)));
}

}  // namespace
