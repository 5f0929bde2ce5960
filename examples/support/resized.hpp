// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <array>
#include <cstddef>

namespace examples {

/// `image`, of shape `from`, (y, x) or (z, y, x), cut or filled with zeros to the shape `to` of as
/// many dimensions; its middle, entry n / 2 of each dimension, stays there.
template <typename T>
misfit::io::HostVector<T> resized(const misfit::io::HostVector<T>& image, const misfit::Shape& from,
                                  const misfit::Shape& to) {
  const std::size_t d = to.rank();
  const auto extents = [d](const misfit::Shape& shape) {
    return std::array<std::size_t, 3>{d > 2 ? shape[d - 3] : 1, shape[d - 2], shape[d - 1]};
  };
  const auto n = extents(from), m = extents(to);
  misfit::io::HostVector<T> result("examples::resized", to.size());
  for (std::size_t j = 0; j < to.size(); ++j) {
    // A difference below 0 wraps, and so lies beyond the last entry as well.
    const std::size_t z = j / (m[1] * m[2]) + n[0] / 2 - m[0] / 2;
    const std::size_t y = j / m[2] % m[1] + n[1] / 2 - m[1] / 2;
    const std::size_t x = j % m[2] + n[2] / 2 - m[2] / 2;
    if (z < n[0] && y < n[1] && x < n[2]) result(j) = image((z * n[1] + y) * n[2] + x);
  }
  return result;
}

}  // namespace examples
