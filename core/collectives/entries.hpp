// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

namespace misfit::detail {

/// A part of a vector: entries begin … end − 1.
struct Entries {
  std::size_t begin, end;

  std::size_t size() const { return end - begin; }
  /// The k-th of `parts` about equal parts; they follow each other.
  Entries part(int k, int parts) const {
    const auto of = static_cast<std::size_t>(parts), number = static_cast<std::size_t>(k);
    return {begin + size() * number / of, begin + size() * (number + 1) / of};
  }
  /// The k-th piece of `length` entries; pieces at and beyond the end are shorter or empty.
  Entries piece(std::size_t k, std::size_t length) const {
    const std::size_t first = std::min(end, begin + k * length);
    return {first, std::min(end, first + length)};
  }
};

/// Which of `parts` parts of a vector of `count` entries has entry `at`.
inline int part_with(std::size_t at, std::size_t count, int parts) {
  return static_cast<int>(((at + 1) * static_cast<std::size_t>(parts) - 1) / count);
}

/// Which of as many parts as ranks is the part of rank `place` of a node of `ranks` = 2^k m, m odd.
///
/// In a RankTree neighbours meet first, then these pairs, which exchange halves; the m at last. So
/// the lowest bit of the rank decides on the half that it keeps, the next one on the half of that.
inline int part_of(int place, int ranks) {
  int part = 0;
  for (; ranks % 2 == 0; ranks /= 2, place /= 2) part += place % 2 * (ranks / 2);
  return part + place;
}

/// Its inverse: which rank has part `part`.
inline int place_with(int part, int ranks) {
  int place = 0, bit = 1;
  for (; ranks % 2 == 0; ranks /= 2, bit *= 2) {
    if (part < ranks / 2) continue;
    part -= ranks / 2;
    place += bit;
  }
  return place + part * bit;
}

}  // namespace misfit::detail
