// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace misfit::detail {

/// An image whose rows along one dimension are dealt out to ranks. Its entries lie as lines × rows
/// × row: the extents before the dimension, its own, and those behind it.
struct ImageCut {
  Shape shape;
  std::size_t dimension;
  int ranks;
  /// The first row of each rank, and their number; null where ranks own as many as part_of_rows().
  std::shared_ptr<const std::vector<std::int64_t>> first{};

  std::size_t rows() const { return shape[dimension]; }
  std::size_t row() const {
    std::size_t product = 1;
    for (std::size_t d = dimension + 1; d < shape.rank(); ++d) product *= shape[d];
    return product;
  }
  std::size_t lines() const { return shape.size() / rows() / row(); }
  Rows rows_of(int rank) const {
    const auto r = static_cast<std::size_t>(rank);
    if (!first) return part_of_rows(rows(), r, static_cast<std::size_t>(ranks));
    return {static_cast<std::size_t>((*first)[r]), static_cast<std::size_t>((*first)[r + 1])};
  }
  std::size_t size_of(int rank) const { return lines() * rows_of(rank).size() * row(); }
};

}  // namespace misfit::detail
