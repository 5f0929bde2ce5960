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

}  // namespace misfit::detail
