// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

namespace misfit::test {

/// The sum of one vector per rank in the order that misfit promises: as many neighbours, from the
/// first on, are added as leave a power of two, then neighbours in pairs until one is left.
template <typename T>
std::vector<T> sum_in_order(std::vector<std::vector<T>> parts) {
  while (parts.size() > 1) {
    const std::size_t power = std::bit_floor(parts.size());
    const std::size_t pairs = power == parts.size() ? power / 2 : parts.size() - power;
    for (std::size_t k = 0; k < pairs; ++k) {
      for (std::size_t j = 0; j < parts[k].size(); ++j) parts[k][j] += parts[k + 1][j];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(k) + 1);
    }
  }
  return parts.front();
}

}  // namespace misfit::test
