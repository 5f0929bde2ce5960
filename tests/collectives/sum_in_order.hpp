// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
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

/// The same over nodes, where `node_of[r]` is a number that rank r shares with the ranks of its
/// node: in each of them, then over r neighbouring nodes, r the smallest prime factor of their
/// number, then over these groups in the same way. Nodes stand in the order of their lowest ranks.
template <typename T>
std::vector<T> sum_over_nodes(const std::vector<std::vector<T>>& parts,
                              const std::vector<int>& node_of) {
  std::vector<std::vector<T>> sums;
  std::vector<int> done;
  for (const int node : node_of) {
    if (std::find(done.begin(), done.end(), node) != done.end()) continue;
    done.push_back(node);
    std::vector<std::vector<T>> here;
    for (std::size_t rank = 0; rank < parts.size(); ++rank)
      if (node_of[rank] == node) here.push_back(parts[rank]);
    sums.push_back(sum_in_order(here));
  }
  while (sums.size() > 1) {
    std::size_t members = 2;
    while (sums.size() % members != 0) ++members;
    std::vector<std::vector<T>> groups;
    for (auto first = sums.begin(); first != sums.end();
         first += static_cast<std::ptrdiff_t>(members))
      groups.push_back(sum_in_order(
          std::vector<std::vector<T>>(first, first + static_cast<std::ptrdiff_t>(members))));
    sums = groups;
  }
  return sums.front();
}

}  // namespace misfit::test
