// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Images that are cut into slabs, and where their entries are by plain loops.

#include "support/matrix_operator.hpp"

#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace misfit::test {

/// The rows that a rank owns, counted one by one.
inline Rows counted_rows(std::size_t rows, std::size_t rank, std::size_t ranks) {
  std::vector<std::size_t> sizes(ranks, 0);
  for (std::size_t row = 0; row < rows; ++row) ++sizes[row % ranks];
  std::size_t begin = 0;
  for (std::size_t r = 0; r < rank; ++r) begin += sizes[r];
  return {begin, begin + sizes[rank]};
}

/// Consecutive rows as a code of its own might have cut them: some ranks own many, others none.
inline Rows uneven_rows(std::size_t rows, std::size_t rank, std::size_t ranks) {
  std::vector<std::size_t> sizes(ranks, 0);
  for (std::size_t row = 0; row < rows; ++row) ++sizes[row * row % ranks];
  std::size_t begin = 0;
  for (std::size_t r = 0; r < rank; ++r) begin += sizes[r];
  return {begin, begin + sizes[rank]};
}

inline std::vector<std::size_t> all_of(const Rows& rows) {
  std::vector<std::size_t> all;
  for (std::size_t r = rows.begin; r < rows.end; ++r) all.push_back(r);
  return all;
}

/// An image of `rows` rows along one dimension, with `lines` before it and `row` entries behind it.
struct CutImage {
  CutImage(const Shape& shape, std::size_t dimension) : rows(shape[dimension]) {
    for (std::size_t d = 0; d < dimension; ++d) lines *= shape[d];
    for (std::size_t d = dimension + 1; d < shape.rank(); ++d) row *= shape[d];
  }

  /// The flat index, in the whole image, of each entry of these rows, in their order in memory; of
  /// `batch` images one behind the other.
  std::vector<std::size_t> entries(const std::vector<std::size_t>& of_rows,
                                   std::size_t batch) const {
    std::vector<std::size_t> indices;
    for (std::size_t line = 0; line < batch * lines; ++line)
      for (const std::size_t r : of_rows)
        for (std::size_t j = 0; j < row; ++j) indices.push_back((line * rows + r) * row + j);
    return indices;
  }

  std::size_t lines = 1, rows, row = 1;
};

/// The rows of `own`, and before and after them those of a halo, in order; `owned` is the place of
/// the first own row.
struct RowsWithGhosts {
  RowsWithGhosts(std::size_t n, const Rows& own, std::size_t before, std::size_t after,
                 bool circular) {
    if (own.empty()) return;
    const auto size = static_cast<long>(n), first = static_cast<long>(own.begin),
               last = static_cast<long>(own.end);
    for (long r = first - static_cast<long>(before); r < last + static_cast<long>(after); ++r) {
      if (!circular && (r < 0 || r >= size)) continue;
      if (r == first) owned = rows.size();
      rows.push_back(static_cast<std::size_t>(((r % size) + size) % size));
    }
  }

  std::vector<std::size_t> rows;
  std::size_t owned = 0;
};

}  // namespace misfit::test
