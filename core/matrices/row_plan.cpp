// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/matrices/row_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace misfit::detail {

void RowPlan::cut(const std::vector<Size>& sizes, const ColumnsOf& columns) {
  starts_.push_back(0);
  std::size_t width = 0, entries = 0;
  for (const Size& size : sizes) {
    starts_.push_back(starts_.back() + size.rows);
    entries += size.numbers;
    width = std::max(width, size.columns);
  }
  const std::size_t rows = starts_.back();
  std::vector<Piece> finest;
  const std::size_t count = std::clamp<std::size_t>(rows / least_rows, 1, most_pieces);
  for (std::size_t c = 0; c < count; ++c) {
    Piece piece{rows * c / count, rows * (c + 1) / count, width, 0, 0};
    for_parts(piece, [&](std::size_t k, std::size_t begin, std::size_t end) {
      const auto [first, last] = columns(k, begin, end);
      if (first == last) return;
      piece.first_column = std::min(piece.first_column, first);
      piece.end_column = std::max(piece.end_column, last);
    });
    finest.push_back(piece);
  }
  // Fewer pieces where their vectors would take more than a small part of the operators' memory.
  for (std::size_t at_once = 1; at_once == 1 || pieces_.size() > 1; at_once *= 2) {
    merge(finest, at_once);
    if (private_entries_ <= entries / 16) break;
  }
}

void RowPlan::merge(const std::vector<Piece>& finest, std::size_t at_once) {
  pieces_.clear();
  private_entries_ = 0;
  for (std::size_t c = 0; c < finest.size(); c += at_once) {
    Piece piece = finest[c];
    for (std::size_t d = c + 1; d < std::min(c + at_once, finest.size()); ++d) {
      piece.end = finest[d].end;
      piece.first_column = std::min(piece.first_column, finest[d].first_column);
      piece.end_column = std::max(piece.end_column, finest[d].end_column);
    }
    if (piece.first_column > piece.end_column) piece.first_column = piece.end_column;
    piece.offset = private_entries_;
    private_entries_ += piece.end_column - piece.first_column;
    pieces_.push_back(piece);
  }
}

}  // namespace misfit::detail
