// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace misfit::detail {

/// Sources `from`, ..., `to` − 1 along d, which lie at `offset` in a line.
struct SourceRange {
  std::int64_t from, to, offset;
};

/// Rows, each with its weights along d.
template <typename T, typename W>
struct WeightedRows {
  static constexpr int most = 64;
  int n = 0;
  const T* rows[most];
  const W* weights[most];

  void add(const T* row, const W* weights_of_row) {
    rows[n] = row;
    weights[n++] = weights_of_row;
  }

  bool has(const T* row) const {
    for (int i = 0; i < n; ++i)
      if (rows[i] == row) return true;
    return false;
  }
};

/// What a tile does along d. Its lines hold the sources that it reads: those of each range are put
/// there, then complete() makes the row that sum() reads.
template <bool Adjoint, typename T>
class ConvolutionLine;

}  // namespace misfit::detail
