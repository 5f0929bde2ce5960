// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

namespace misfit {

/// Consecutive rows begin … end − 1 of one dimension of an image: slices of a volume, lines of a
/// slice. None where begin = end.
struct Rows {
  std::size_t begin = 0;  ///< the first row
  std::size_t end = 0;    ///< the row behind the last

  /// How many rows.
  std::size_t size() const noexcept { return end - begin; }
  /// Whether there are none.
  bool empty() const noexcept { return end == begin; }

  /// For instance "rows 3 to 7 (without 7)", "no rows".
  std::string text() const {
    if (empty()) return "no rows";
    return "rows " + std::to_string(begin) + " to " + std::to_string(end) + " (without " +
           std::to_string(end) + ")";
  }

  friend bool operator==(const Rows&, const Rows&) = default;
};

/// The rows of part `k` of `parts` where `rows` rows are cut into consecutive parts whose sizes
/// differ by one at most, the larger ones first. k < parts.
constexpr Rows part_of_rows(std::size_t rows, std::size_t k, std::size_t parts) {
  const std::size_t size = rows / parts, more = rows % parts;
  const std::size_t begin = k * size + (k < more ? k : more);
  return {begin, begin + size + (k < more ? 1 : 0)};
}

/// Of `to` rows the share that `rows` are of `from`: consecutive shares for consecutive rows.
constexpr Rows share_of_rows(const Rows& rows, std::size_t from, std::size_t to) {
  __extension__ using Wide = unsigned __int128;  // of more than 2^32 rows the product takes more
  const std::size_t each = to / from, more = to % from;
  const auto at = [&](std::size_t row) {
    return row * each + static_cast<std::size_t>(static_cast<Wide>(row) * more / from);
  };
  return {at(rows.begin), at(rows.end)};
}

}  // namespace misfit
