// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace misfit {

/// The extents of an image: (channel, z, y, x), (z, y, x), (y, x), ... with 1 to 4 of them.
///
/// The flat order of its entries is row-major: the last extent runs fastest.
class Shape {
 public:
  /// The most extents a shape has.
  static constexpr std::size_t max_rank = 4;

  /// Of these extents. Throws ArgumentError unless there are 1 to 4, all positive, with a product
  /// below 2^63.
  Shape(std::initializer_list<std::size_t> extents);

  /// How many extents there are.
  std::size_t rank() const noexcept { return rank_; }
  /// The number of entries: the product of the extents.
  std::size_t size() const noexcept { return size_; }
  /// The extent of a dimension, which is below rank().
  std::size_t operator[](std::size_t dimension) const noexcept { return extents_[dimension]; }

  /// This shape with the extent of one dimension replaced. Throws ArgumentError if there is no such
  /// dimension, and as above.
  Shape with(std::size_t dimension, std::size_t extent) const;

  /// For instance "181 x 217 x 181".
  std::string text() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  void check();

  std::array<std::size_t, max_rank> extents_{};
  std::size_t rank_ = 0;
  std::size_t size_ = 0;
};

}  // namespace misfit
