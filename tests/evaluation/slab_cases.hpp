// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators of images in slabs, and the same of whole images on one rank to compare with.

#include "support/matrix_operator.hpp"

#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace misfit::test {

template <typename T>
using Batch = Kokkos::View<T**, Kokkos::LayoutRight>;

/// One kind of operators of an image that is cut along `dimension`.
struct SlabCase {
  Shape shape;
  std::size_t dimension;
  Padding padding;
  std::size_t factor;

  std::string text() const {
    return shape.text() + " along " + std::to_string(dimension) + ", padding " +
           std::to_string(static_cast<int>(padding)) + ", factor " + std::to_string(factor);
  }
  template <typename T>
  Blur<T> make(int i) const {
    const auto k = static_cast<std::size_t>(i);
    const auto kernel = batch_of<T>(10 + k, 1 + k % 3, 3);
    const Blur<T> blur(shape, kernel, padding);
    return compose(Downsample(blur.range_shape(), factor), blur);
  }
};

inline std::vector<SlabCase> slab_cases() {
  std::vector<SlabCase> all;
  for (const Padding padding :
       {Padding::circular, Padding::reflect, Padding::replicate, Padding::valid})
    for (const std::size_t factor : {1UL, 2UL}) {
      all.push_back({{7, 5}, 0, padding, factor});
      all.push_back({{2, 9, 4}, 1, padding, factor});
    }
  return all;
}

template <typename T>
class SlabTest : public testing::Test {
 protected:
  using Real = detail::Real<T>;
  static constexpr double epsilon = std::numeric_limits<Real>::epsilon();
  const Exec exec{};

  /// The rows that this rank owns of images that are the same on all ranks.
  template <typename V>
  Batch<T> cut(const Slabs& slabs, const V& images) const {
    const Batch<T> owned("owned", images.extent(0), slabs.owned_size());
    slabs.scatter(exec, images, owned);
    return owned;
  }
  void expect_near(const Batch<T>& owned, const Batch<T>& expected, double scale) const {
    const auto a = on_host(owned), b = on_host(expected);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t j = 0; j < a.size(); ++j)
      ASSERT_LE(std::abs(widen(a[j]) - widen(b[j])), 200 * epsilon * scale) << "entry " << j;
  }
};
/// For tests of how operators are cut, which does not depend on what they hold.
using TwoScalars = testing::Types<float, Kokkos::complex<double>>;

}  // namespace misfit::test
