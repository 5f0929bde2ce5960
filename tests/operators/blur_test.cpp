// SPDX-License-Identifier: BSD-3-Clause
#include "padded_extents.hpp"

#include <misfit/geometry/slab.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::Padding;
using misfit::Shape;
using padded_extents::extents;
using padded_extents::flat;
using padded_extents::for_each;
using padded_extents::Index;
using padded_extents::sampled;
using reference::Numbers;

constexpr std::array paddings = {Padding::valid, Padding::circular, Padding::reflect,
                                 Padding::replicate};

long wrap(long t, long n, Padding padding) {
  if (padding == Padding::circular) return (t % n + n) % n;
  if (padding == Padding::replicate) return std::min(std::max(t, 0L), n - 1);
  while (t < 0 || t >= n) t = t < 0 ? -t : 2 * n - 2 - t;
  return t;
}

/// y(p) = Σ_q h(q) x̃(p − q + c), from the definition.
Numbers blurred(const Numbers& x, const Index& n, const Numbers& h, const Index& k, const Index& m,
                Padding padding) {
  Numbers y(static_cast<std::size_t>(m[0] * m[1] * m[2] * m[3]), 0);
  for_each(m, [&](const Index& p) {
    for_each(k, [&](const Index& q) {
      Index j;
      for (std::size_t d = 0; d < 4; ++d)
        j[d] = padding == Padding::valid ? p[d] + k[d] - 1 - q[d]
                                         : wrap(p[d] - q[d] + (k[d] - 1) / 2, n[d], padding);
      y[static_cast<std::size_t>(flat(p, m))] +=
          h[static_cast<std::size_t>(flat(q, k))] * x[static_cast<std::size_t>(flat(j, n))];
    });
  });
  return y;
}

/// A kernel View of rank 1, 2 or 3 with random entries.
template <typename K, std::size_t Rank>
auto random_kernel(const std::array<std::size_t, Rank>& k) {
  const auto fill = [](const auto& view, const auto& at) {
    const auto host = Kokkos::create_mirror_view(view);
    const auto entries = Kokkos::create_mirror_view_and_copy(
        Kokkos::HostSpace{}, reference::random_vector<K>(view.size(), 5));
    std::size_t next = 0;
    at(host, [&](auto& entry) { entry = entries(next++); });
    Kokkos::deep_copy(view, host);
    return view;
  };
  if constexpr (Rank == 1)
    return fill(Kokkos::View<K*>("k", k[0]), [&](const auto& v, const auto& set) {
      for (std::size_t i = 0; i < k[0]; ++i) set(v(i));
    });
  else if constexpr (Rank == 2)
    return fill(Kokkos::View<K**, Kokkos::LayoutLeft>("k", k[0], k[1]),
                [&](const auto& v, const auto& set) {
                  for (std::size_t i = 0; i < k[0]; ++i)
                    for (std::size_t j = 0; j < k[1]; ++j) set(v(i, j));
                });
  else
    return fill(Kokkos::View<K***, Kokkos::LayoutRight>("k", k[0], k[1], k[2]),
                [&](const auto& v, const auto& set) {
                  for (std::size_t i = 0; i < k[0]; ++i)
                    for (std::size_t j = 0; j < k[1]; ++j)
                      for (std::size_t l = 0; l < k[2]; ++l) set(v(i, j, l));
                });
}

template <std::size_t Rank>
Index kernel_extents(const std::array<std::size_t, Rank>& k) {
  Index out = {1, 1, 1, 1};
  for (std::size_t d = 0; d < Rank; ++d) out[4 - Rank + d] = static_cast<long>(k[d]);
  return out;
}

/// Compares Blur, and Blur of which every 1st, 2nd, 3rd output is kept, with the definition; checks
/// the adjoints.
template <typename T, typename K, std::size_t Rank>
void check(const Shape& shape, const std::array<std::size_t, Rank>& k) {
  const auto kernel = random_kernel<K>(k);
  const auto h = reference::numbers(reference::random_vector<K>(kernel.size(), 5));
  const auto x = reference::random_vector<T>(shape.size(), 1);
  const auto tolerance = 10 * reference::adjoint_tolerance<T>();
  for (const Padding padding : paddings) {
    SCOPED_TRACE("shape " + shape.text() + ", kernel of rank " + std::to_string(Rank) + " and " +
                 std::to_string(kernel.size()) + " entries, padding " +
                 std::to_string(static_cast<int>(padding)));
    const misfit::Blur blur(shape, kernel, padding);
    const Index m = extents(blur.range_shape());
    const auto y = blurred(reference::numbers(x), extents(shape), h, kernel_extents(k), m, padding);

    reference::expect_close(reference::apply<T>(blur, x), y, tolerance);
    reference::expect_adjoint<T>(blur);
    for (const std::size_t factor : {2u, 3u, 100u}) {
      const misfit::Downsample sampling(blur.range_shape(), factor);
      const auto fused = compose(sampling, blur);
      Index factors = {1, 1, 1, 1};
      for (std::size_t d = 0; d < shape.rank(); ++d)
        factors[4 - shape.rank() + d] = static_cast<long>(factor);
      const Index kept = extents(sampling.range_shape());
      EXPECT_EQ(fused.range_shape(), sampling.range_shape());
      reference::expect_close(reference::apply<T>(fused, x), sampled(y, m, factors, kept),
                              tolerance);
      reference::expect_adjoint<T>(fused);
    }
  }
}

template <typename T>
class Blurs : public testing::Test {};
TYPED_TEST_SUITE(Blurs, reference::Scalars);

TYPED_TEST(Blurs, one_dimension) {
  using T = TypeParam;
  for (const std::size_t k : {1u, 2u, 3u, 4u, 5u, 8u}) {
    check<T, T>({9}, std::array{k});
    check<T, T>({200}, std::array{k});
    check<T, T>({3, 17}, std::array{k});
    check<T, T>({2, 2, 2, 11}, std::array{k});
  }
}

TYPED_TEST(Blurs, two_dimensions) {
  using T = TypeParam;
  using K = std::array<std::size_t, 2>;
  for (const K k : {K{3, 5}, K{4, 2}, K{1, 3}}) {
    check<T, T>({10, 11}, k);
    check<T, T>({3, 6, 80}, k);
  }
}

TYPED_TEST(Blurs, three_dimensions) {
  using T = TypeParam;
  using K = std::array<std::size_t, 3>;
  for (const K k : {K{3, 5, 3}, K{2, 4, 3}}) {
    check<T, T>({5, 6, 7}, k);
    check<T, T>({2, 4, 5, 9}, k);
  }
}

/// Images of several tiles, and rows wider than a tile.
TYPED_TEST(Blurs, many_tiles) {
  using T = TypeParam;
  check<T, T>({17000}, std::array{5ul});
  check<T, T>({6, 9000}, std::array{3ul, 4ul});
  check<T, T>({200, 9}, std::array{4ul, 3ul});
  check<T, T>({3, 4, 3000}, std::array{3ul, 2ul, 5ul});
}

TYPED_TEST(Blurs, real_kernel_of_any_image) {
  using R = misfit::detail::Real<TypeParam>;
  check<TypeParam, R>({10, 75}, std::array<std::size_t, 2>{3, 5});
}

/// Padding as wide as each kind allows.
TYPED_TEST(Blurs, widest_padding) {
  using T = TypeParam;
  const Shape shape{4, 5};
  const auto blur = [&](Padding padding, std::size_t k0, std::size_t k1) {
    const auto kernel = random_kernel<T>(std::array{k0, k1});
    const misfit::Blur a(shape, kernel, padding);
    const auto x = reference::random_vector<T>(20, 1);
    const auto h = reference::numbers(reference::random_vector<T>(kernel.size(), 5));
    const auto y = blurred(reference::numbers(x), extents(shape), h,
                           kernel_extents(std::array{k0, k1}), extents(a.range_shape()), padding);
    reference::expect_close(reference::apply<T>(a, x), y, 10 * reference::adjoint_tolerance<T>());
    reference::expect_adjoint<T>(a);
  };

  blur(Padding::valid, 4, 5);
  blur(Padding::circular, 9, 11);
  blur(Padding::reflect, 7, 9);
  blur(Padding::replicate, 21, 30);
  blur(Padding::replicate, 3, 20001);  // wider than the memory of a tile
  EXPECT_THROW(blur(Padding::valid, 5, 5), misfit::ArgumentError);
  EXPECT_THROW(blur(Padding::valid, 4, 6), misfit::ArgumentError);
  EXPECT_THROW(blur(Padding::circular, 10, 11), misfit::ArgumentError);
  EXPECT_THROW(blur(Padding::circular, 9, 12), misfit::ArgumentError);
  EXPECT_THROW(blur(Padding::reflect, 8, 9), misfit::ArgumentError);
  EXPECT_THROW(blur(Padding::reflect, 7, 10), misfit::ArgumentError);
}

/// Tiles of a row that no output of a part reads: before those of the part, and behind.
TYPED_TEST(Blurs, parts_of_rows_of_several_tiles) {
  using T = TypeParam;
  const auto check_parts = [](const auto& blur) {
    const std::size_t rows = blur.measurement_rows().rows.size();
    for (std::size_t part = 0; part < 4; ++part)
      reference::expect_adjoint<T>(blur.on_rows({rows * part / 4, rows * (part + 1) / 4}));
    reference::expect_adjoint<T>(blur.on_rows({rows - 1, rows}));
    reference::expect_adjoint<T>(blur.on_rows({0, 1}));
  };
  const auto line = random_kernel<T>(std::array{3ul}), longer = random_kernel<T>(std::array{40ul});
  const auto square = random_kernel<T>(std::array{3ul, 3ul});
  for (const Padding padding : paddings) {
    SCOPED_TRACE(static_cast<int>(padding));
    check_parts(misfit::Blur({10000}, line, padding));
    check_parts(misfit::Blur({10000}, longer, padding));
    check_parts(misfit::Blur({3, 8000}, square, padding));
    if (padding != Padding::valid)
      check_parts(compose(misfit::Downsample({10000}, 2), misfit::Blur({10000}, line, padding)));
  }
  // With more ghost rows than the kernel reads, as beside a wider one.
  const misfit::Blur blur({10000}, line);
  for (const misfit::Slab& slab : {misfit::Slab{{10000}, 0, {0, 2500}, 2000, 2000},
                                   misfit::Slab{{10000}, 0, {5000, 7500}, 2000, 2000},
                                   misfit::Slab{{10000}, 0, {7500, 10000}, 2000, 2000}})
    reference::expect_adjoint<T>(blur.on_slab(slab));
}

/// Reflected positions that mirror into the next tile.
TYPED_TEST(Blurs, strides_and_reflections_wider_than_a_tile) {
  using T = TypeParam;
  for (const std::size_t taps : {851ul, 901ul, 1501ul})
    for (const std::size_t stride : {2ul, 3ul}) {
      SCOPED_TRACE(std::to_string(taps) + " taps, stride " + std::to_string(stride));
      const auto kernel = random_kernel<T>(std::array{taps});
      reference::expect_adjoint<T>(compose(misfit::Downsample({4000}, stride),
                                           misfit::Blur({4000}, kernel, Padding::reflect)));
    }
}

TYPED_TEST(Blurs, are_cut_along_the_longest_dimension) {
  const Kokkos::View<TypeParam***> kernel("kernel", 1, 2, 2);
  EXPECT_EQ(misfit::Blur({7, 6, 5}, kernel).measurement_rows().dimension, 0U);
  EXPECT_EQ(misfit::Blur({6, 7, 6}, kernel).measurement_rows().dimension, 1U);
  EXPECT_EQ(misfit::Blur({6, 5, 7}, kernel).measurement_rows().dimension, 2U);
  EXPECT_EQ(misfit::Blur({7, 7, 7}, kernel).measurement_rows().rows.size(), 7U);
}

TYPED_TEST(Blurs, refuses) {
  using T = TypeParam;
  const Kokkos::View<T**> kernel("kernel", 3, 3);
  const Kokkos::View<T*> bad("bad", 3);
  Kokkos::deep_copy(Kokkos::subview(bad, 0),
                    T(std::numeric_limits<misfit::detail::Real<T>>::quiet_NaN()));

  EXPECT_THROW((misfit::Blur({9}, kernel)), misfit::ArgumentError);
  EXPECT_THROW((misfit::Blur({9}, Kokkos::View<T*>{})), misfit::ArgumentError);
  EXPECT_THROW((misfit::Blur({9}, bad)), misfit::ArgumentError);
  EXPECT_THROW(compose(misfit::Downsample({9, 8}, 2), misfit::Blur({8, 9}, kernel)),
               misfit::ArgumentError);
}

}  // namespace
