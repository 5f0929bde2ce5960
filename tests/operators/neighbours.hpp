// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Differences of neighbours from their definition.

#include <misfit/shape.hpp>

#include <support/reference.hpp>

#include <cstddef>

namespace neighbours {

/// An image, and how many of its last dimensions are those of differences.
struct Case {
  misfit::Shape shape;
  std::size_t dimensions;
};

/// The definition.
inline reference::Numbers differences(const Case& c, const reference::Numbers& x) {
  reference::Numbers y;
  for (std::size_t d = c.shape.rank() - c.dimensions; d < c.shape.rank(); ++d) {
    std::size_t stride = 1;
    for (std::size_t after = d + 1; after < c.shape.rank(); ++after) stride *= c.shape[after];
    for (std::size_t j = 0; j < x.size(); ++j)
      y.push_back(j / stride % c.shape[d] + 1 < c.shape[d] ? x[j + stride] - x[j] : 0);
  }
  return y;
}

}  // namespace neighbours
