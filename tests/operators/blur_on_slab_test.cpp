// SPDX-License-Identifier: BSD-3-Clause

// A blur cut into slabs against the whole blur: every padding, along every dimension, with strides.

#include "decomposition/cut_images.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/error.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <complex>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using misfit::Blur;
using misfit::Padding;
using misfit::Shape;
using misfit::Slab;
using misfit::test::all_of;
using misfit::test::batch_of;
using misfit::test::Complex;
using misfit::test::counted_rows;
using misfit::test::CutImage;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::RowsWithGhosts;
using misfit::test::vector_of;
using misfit::test::widen;

constexpr Padding slab_paddings[] = {Padding::circular, Padding::reflect, Padding::replicate,
                                     Padding::valid};

template <typename T>
misfit::Vector<T> picked(const std::vector<T>& from, const std::vector<std::size_t>& at) {
  const misfit::Vector<T> view("picked", at.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < at.size(); ++j) host(j) = from[at[j]];
  Kokkos::deep_copy(view, host);
  return view;
}

template <typename T>
class BlurOnSlab : public testing::Test {
 protected:
  const Exec exec{};
  const double tolerance = 400 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();

  /// A on `slabs` slabs, with `more` ghost rows than it needs, against A.
  template <typename Op>
  void check(const Op& whole, std::size_t dimension, std::size_t slabs, std::size_t more) {
    const Shape& shape = whole.domain_shape();
    const CutImage image(shape, dimension), outputs(whole.range_shape(), dimension);
    const auto x = vector_of<T>(1, shape.size()), r = vector_of<T>(2, whole.range_size());
    const misfit::Vector<T> y("y", whole.range_size()), g("g", shape.size());
    whole.apply(exec, x, y);
    whole.add_adjoint(exec, r, g);
    const auto all_x = on_host(x), all_y = on_host(y), all_r = on_host(r), all_g = on_host(g);
    const auto width = whole.halo_width(dimension);
    std::vector<Complex> sum(shape.size());
    std::size_t next = 0;
    for (std::size_t s = 0; s < slabs; ++s) {
      Slab slab{shape, dimension, counted_rows(image.rows, s, slabs)};
      if (slab.owned.empty()) continue;
      const RowsWithGhosts rows(image.rows, slab.owned, width.before + more, width.after + more,
                                width.circular);
      slab.before = rows.owned;
      slab.after = rows.rows.size() - rows.owned - slab.owned.size();
      const auto own = whole.outputs_of(slab).rows;
      ASSERT_EQ(own.begin, next);
      next = own.end;
      if (own.empty()) continue;
      const auto part = whole.on_slab(slab);
      const auto in = image.entries(rows.rows, 1), out = outputs.entries(all_of(own), 1);
      ASSERT_EQ(part.domain_size(), in.size());
      ASSERT_EQ(part.range_size(), out.size());

      const misfit::Vector<T> part_y("part of y", out.size()), part_g("part of g", in.size());
      part.apply(exec, picked(all_x, in), part_y);
      part.add_adjoint(exec, picked(all_r, out), part_g);
      const auto host_y = on_host(part_y), host_g = on_host(part_g);
      for (std::size_t j = 0; j < out.size(); ++j)
        ASSERT_LE(std::abs(widen(host_y[j]) - widen(all_y[out[j]])), tolerance) << "slab " << s;
      for (std::size_t j = 0; j < in.size(); ++j) sum[in[j]] += widen(host_g[j]);
    }
    EXPECT_EQ(next, outputs.rows);
    for (std::size_t j = 0; j < sum.size(); ++j)
      ASSERT_LE(std::abs(sum[j] - widen(all_g[j])), tolerance) << "gradient at " << j;
  }
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(BlurOnSlab, Scalars);

TYPED_TEST(BlurOnSlab, is_a_part_of_the_blur) {
  using T = TypeParam;
  const auto kernel_2 = batch_of<T>(3, 4, 3);
  const auto kernel_1 = vector_of<T>(4, 2), kernel_5 = vector_of<T>(4, 5);
  for (const Padding padding : slab_paddings)
    for (const std::size_t slabs : {1UL, 2UL, 3UL, 5UL, 8UL})
      for (const std::size_t more : {0UL, 2UL}) {
        SCOPED_TRACE("padding " + std::to_string(static_cast<int>(padding)) + ", slabs " +
                     std::to_string(slabs) + ", " + std::to_string(more) + " more");
        this->check(Blur(Shape{7}, kernel_1, padding), 0, slabs, more);
        this->check(Blur(Shape{11}, kernel_5, padding), 0, slabs, more);
        for (std::size_t dimension = 0; dimension < 3; ++dimension)
          this->check(Blur(Shape{2, 7, 6}, kernel_2, padding), dimension, slabs, more);
      }
}

TYPED_TEST(BlurOnSlab, with_strides) {
  using T = TypeParam;
  const auto kernel = batch_of<T>(3, 3, 4);
  for (const Padding padding : slab_paddings)
    for (const std::size_t factor : {2UL, 3UL, 5UL})
      for (const std::size_t slabs : {1UL, 2UL, 3UL, 5UL, 8UL}) {
        SCOPED_TRACE("padding " + std::to_string(static_cast<int>(padding)) + ", factor " +
                     std::to_string(factor) + ", slabs " + std::to_string(slabs));
        const Blur blur(Shape{3, 9, 8}, kernel, padding);
        const auto strided = misfit::compose(misfit::Downsample(blur.range_shape(), factor), blur);
        for (std::size_t dimension = 0; dimension < 3; ++dimension)
          this->check(strided, dimension, slabs, slabs % 2);
      }
}

TYPED_TEST(BlurOnSlab, of_a_separable_kernel_on_a_wide_image) {
  using T = TypeParam;
  const Kokkos::View<T**, Kokkos::LayoutRight> kernel("kernel", 5, 5);
  const auto host = Kokkos::create_mirror_view(kernel);
  for (std::size_t a = 0; a < 5; ++a)
    for (std::size_t b = 0; b < 5; ++b)
      host(a, b) = T(static_cast<double>(a + 1) * static_cast<double>(b + 2) / 20);
  Kokkos::deep_copy(kernel, host);
  for (const Padding padding : slab_paddings)
    for (std::size_t dimension = 0; dimension < 2; ++dimension) {
      const Blur blur(Shape{23, 301}, kernel, padding);
      this->check(blur, dimension, 4, 0);
      this->check(misfit::compose(misfit::Downsample(blur.range_shape(), 2), blur), dimension, 4,
                  1);
    }
}

TEST(BlurOnSlabFaults, refuses_what_does_not_fit) {
  const Blur blur(Shape{9, 4}, vector_of<double>(1, 5), Padding::reflect);
  const Blur of_rows(Shape{9, 4}, batch_of<double>(1, 5, 1), Padding::replicate);
  EXPECT_THROW(blur.on_slab({{9, 5}, 0, {0, 3}, 0, 0}), misfit::ArgumentError);
  EXPECT_NO_THROW(blur.on_slab({{9, 4}, 0, {3, 6}, 0, 0}));  // it does not reach over rows
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {3, 6}, 1, 2}), misfit::ArgumentError);
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {3, 6}, 2, 1}), misfit::ArgumentError);
  EXPECT_NO_THROW(of_rows.on_slab({{9, 4}, 0, {1, 8}, 1, 1}));
  // Ghost rows of a circular halo, which would be taken for padding.
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {0, 3}, 1, 2}), misfit::ArgumentError);
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {6, 9}, 2, 1}), misfit::ArgumentError);
  EXPECT_NO_THROW(of_rows.on_slab({{9, 4}, 0, {0, 3}, 0, 2}));
  EXPECT_THROW(of_rows.outputs_of({{9, 4}, 4, {1, 8}}), misfit::ArgumentError);
  EXPECT_THROW(of_rows.outputs_of({{9, 4}, 0, {1, 10}}), misfit::ArgumentError);
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {8, 10}, 2, 2}), misfit::ArgumentError);
  EXPECT_THROW(of_rows.on_slab({{9, 4}, 0, {3, 3}, 2, 2}), misfit::ArgumentError);
}

}  // namespace
