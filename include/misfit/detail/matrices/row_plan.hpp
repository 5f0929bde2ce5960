// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace misfit::detail {

/// The first column of the rows begin, …, end − 1 of `op`, and the one behind their last.
template <typename Op>
std::pair<std::size_t, std::size_t> columns_of(const Op& op, std::size_t begin, std::size_t end) {
  if constexpr (requires { op.columns(begin, end); })
    return op.columns(begin, end);
  else
    return {0, op.domain_size()};
}

/// How many numbers `op` holds.
template <typename Op>
std::size_t numbers_held_by(const Op& op) {
  if constexpr (requires { op.entries(); })
    return op.entries();
  else
    return op.range_size() * op.domain_size();
}

/// How the rows of all operators of a rank, one tall matrix, are cut into pieces that run in
/// parallel. Each piece adds its part of the gradient to a vector of its own, which reaches over
/// the columns that its rows have; these are added in order afterwards: no atomics. It depends on
/// the operators alone, so the bits do not depend on the number of threads.
class RowPlan {
 public:
  struct Piece {
    std::size_t begin, end;                ///< rows of the tall matrix
    std::size_t first_column, end_column;  ///< of these rows
    std::size_t offset;                    ///< of the piece's vector among all of them
  };

  RowPlan() = default;

  template <typename Op>
  RowPlan(const Op* operators, std::size_t operator_count)
      : RowPlan(operator_count, [=](std::size_t k) -> const Op& { return operators[k]; }) {}

  /// Of the operators at(0), at(1), …
  template <typename At>
  RowPlan(std::size_t operator_count, const At& at) {
    std::vector<Size> sizes;
    for (std::size_t k = 0; k < operator_count; ++k)
      sizes.push_back({static_cast<std::size_t>(at(k).range_size()),
                       static_cast<std::size_t>(at(k).domain_size()), numbers_held_by(at(k))});
    cut(sizes, [&at](std::size_t k, std::size_t begin, std::size_t end) {
      return columns_of(at(k), begin, end);
    });
  }

  const std::vector<Piece>& pieces() const { return pieces_; }
  /// Whether memory allows but few pieces of many rows.
  bool is_coarse() const { return pieces_.size() < 8 && starts_.back() >= 16 * least_rows; }
  /// The entries of the vectors of all pieces together, for one signal.
  std::size_t private_entries() const { return private_entries_; }

  /// use(k, begin, end) for each operator k that has rows begin, ..., end − 1 in `piece`.
  template <typename Use>
  void for_parts(const Piece& piece, Use&& use) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), piece.begin);
    for (auto k = static_cast<std::size_t>(after - starts_.begin()) - 1;
         k + 1 < starts_.size() && starts_[k] < piece.end; ++k) {
      const std::size_t begin = std::max(piece.begin, starts_[k]) - starts_[k];
      const std::size_t end = std::min(piece.end, starts_[k + 1]) - starts_[k];
      if (begin < end) use(k, begin, end);
    }
  }

 private:
  static constexpr std::size_t least_rows = 512;
  static constexpr std::size_t most_pieces = 256;

  struct Size {
    std::size_t rows, columns, numbers;
  };
  /// Of the rows begin, …, end − 1 of operator k.
  using ColumnsOf = std::function<std::pair<std::size_t, std::size_t>(
      std::size_t k, std::size_t begin, std::size_t end)>;

  void cut(const std::vector<Size>& sizes, const ColumnsOf& columns);
  void merge(const std::vector<Piece>& finest, std::size_t at_once);

  std::vector<std::size_t> starts_;
  std::vector<Piece> pieces_;
  std::size_t private_entries_ = 0;
};

}  // namespace misfit::detail
