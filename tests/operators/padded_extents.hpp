// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Images of one to four dimensions, seen as images of four, and what is kept of them by a step.

#include <misfit/shape.hpp>

#include <support/reference.hpp>

#include <array>
#include <cstddef>

namespace padded_extents {

using Index = std::array<long, 4>;

/// Extents padded with ones in front to four dimensions.
inline Index extents(const misfit::Shape& shape) {
  Index out = {1, 1, 1, 1};
  for (std::size_t d = 0; d < shape.rank(); ++d)
    out[4 - shape.rank() + d] = static_cast<long>(shape[d]);
  return out;
}

inline long flat(const Index& i, const Index& n) {
  return ((i[0] * n[1] + i[1]) * n[2] + i[2]) * n[3] + i[3];
}

template <typename Body>
void for_each(const Index& n, const Body& body) {
  Index i;
  for (i[0] = 0; i[0] < n[0]; ++i[0])
    for (i[1] = 0; i[1] < n[1]; ++i[1])
      for (i[2] = 0; i[2] < n[2]; ++i[2])
        for (i[3] = 0; i[3] < n[3]; ++i[3]) body(i);
}

/// Every factor-th entry.
inline reference::Numbers sampled(const reference::Numbers& y, const Index& m, const Index& factors,
                                  const Index& kept) {
  reference::Numbers out;
  for_each(kept, [&](const Index& p) {
    Index j;
    for (std::size_t d = 0; d < 4; ++d) j[d] = p[d] * factors[d];
    out.push_back(y[static_cast<std::size_t>(flat(j, m))]);
  });
  return out;
}

}  // namespace padded_extents
