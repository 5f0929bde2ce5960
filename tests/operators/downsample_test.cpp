// SPDX-License-Identifier: BSD-3-Clause
#include "padded_extents.hpp"

#include <misfit/operators/downsample.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cstddef>

namespace {

using misfit::Shape;
using padded_extents::extents;
using padded_extents::Index;
using padded_extents::sampled;

template <typename T>
class DownsampleTest : public testing::Test {};
TYPED_TEST_SUITE(DownsampleTest, reference::Scalars);

TYPED_TEST(DownsampleTest, keeps_every_nth_entry) {
  using T = TypeParam;
  for (const Shape& shape : {Shape{7}, Shape{8, 9}, Shape{3, 6, 5}, Shape{2, 3, 4, 5}}) {
    const auto x = reference::random_vector<T>(shape.size(), 1);
    for (const std::size_t factor : {1u, 2u, 3u, 9u}) {
      const misfit::Downsample a(shape, factor);
      Index factors = {1, 1, 1, 1};
      for (std::size_t d = 0; d < shape.rank(); ++d)
        factors[4 - shape.rank() + d] = static_cast<long>(factor);
      reference::expect_close(
          reference::apply<T>(a, x),
          sampled(reference::numbers(x), extents(shape), factors, extents(a.range_shape())), 0);
      reference::expect_adjoint<T>(a);
    }
  }
  const misfit::Downsample channels({3, 6, 5}, {1, 2, 3});
  EXPECT_EQ(channels.range_shape(), (Shape{3, 3, 2}));
  reference::expect_adjoint<T>(channels);
}

TEST(Downsample, refuses) {
  EXPECT_THROW((misfit::Downsample({3, 4}, 0)), misfit::ArgumentError);
  EXPECT_THROW((misfit::Downsample({3, 4}, {2, 0})), misfit::ArgumentError);
  EXPECT_THROW((misfit::Downsample({3, 4}, {2, 2, 2})), misfit::ArgumentError);
  EXPECT_THROW((misfit::Downsample({3, 4}, {2})), misfit::ArgumentError);
}

}  // namespace
