// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <algorithm>
#include <limits>

namespace misfit {

Shape::Shape(std::initializer_list<std::size_t> extents) : rank_(extents.size()) {
  if (rank_ < 1 || rank_ > max_rank)
    throw ArgumentError("shape: has " + std::to_string(rank_) + " extents, 1 to 4 are possible");
  std::copy(extents.begin(), extents.end(), extents_.begin());
  check();
}

Shape Shape::with(std::size_t dimension, std::size_t extent) const {
  if (dimension >= rank_)
    throw ArgumentError("shape: " + text() + " has no dimension " + std::to_string(dimension));
  Shape other = *this;
  other.extents_[dimension] = extent;
  other.check();
  return other;
}

std::string Shape::text() const {
  std::string text = std::to_string(extents_[0]);
  for (std::size_t d = 1; d < rank_; ++d) text += " x " + std::to_string(extents_[d]);
  return text;
}

void Shape::check() {
  constexpr std::size_t limit = std::numeric_limits<std::ptrdiff_t>::max();
  size_ = 1;
  for (std::size_t d = 0; d < rank_; ++d) {
    if (extents_[d] == 0 || extents_[d] > limit / size_)
      throw ArgumentError("shape: " + text() + " is empty or too large");
    size_ *= extents_[d];
  }
}

}  // namespace misfit
