// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace misfit::io {

/// The part of an array that has `count` indices from `first` on in each dimension.
struct Box {
  std::vector<hsize_t> first, count;

  std::size_t size() const {
    std::size_t product = 1;
    for (const hsize_t extent : count) product *= extent;
    return product;
  }
};

/// Calls `visit(part)` for parts of `box` of at most `most` entries, in row-major order, cut along
/// dimensions d, d + 1, … end − 1: parts are larger where that does not do. Within the box the
/// entries of a part lie together.
template <typename Visit>
void for_each_part(const Box& box, std::size_t most, std::size_t d, std::size_t end,
                   const Visit& visit) {
  const std::size_t size = box.size();
  if (size == 0) return;
  if (size <= most || d == end) return visit(box);
  const hsize_t step = std::max<hsize_t>(1, most / (size / box.count[d]));
  for (hsize_t at = 0; at < box.count[d]; at += step) {
    Box part = box;
    part.first[d] += at;
    part.count[d] = std::min(step, box.count[d] - at);
    for_each_part(part, most, d + 1, end, visit);
  }
}

/// Where the first entry of `part` is in `box`, of which it is a part.
inline std::size_t place_in(const Box& box, const Box& part) {
  std::size_t place = 0;
  for (std::size_t d = 0; d < box.count.size(); ++d)
    place = place * box.count[d] + (part.first[d] - box.first[d]);
  return place;
}

}  // namespace misfit::io
