// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products with a few rows of a sparse matrix, by one thread of a CPU. Between the product and the
// adjoint the rows stay in cache; so that the memory does not rest meanwhile, each of the two
// fetches one half of the rows that come next.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>
#include <misfit/detail/matrices/four_entries.hpp>
#include <misfit/detail/matrices/products_by_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace misfit::detail {

template <typename Value, typename Ordinal, typename Offset>
class SparseRows {
 public:
  template <typename Device>
  explicit SparseRows(const CompressedRows<Value, Ordinal, Offset, Device>& a)
      : starts_(a.row_map.data()), columns_(a.columns.data()), values_(a.values.data()) {}

  /// u[i − begin] = (A x)_i. Where no adjoint of these rows `follows`, what comes soon is fetched.
  void apply(std::size_t begin, std::size_t end, const Value* x, Value* u, bool follows) const {
    const std::size_t next = follows ? start(end) : start(begin) + soon;
    for_rows(begin, end, next, follows ? 2 : 1,
             [=](std::size_t i, const Ordinal* columns, const Value* values, std::size_t count) {
               u[i - begin] = dot(columns, values, count, x);
             });
  }

  /// g += Σ_i conj(row i) r[i − begin].
  void add_adjoint(std::size_t begin, std::size_t end, const Value* r, Value* g) const {
    for_rows(begin, end, (3 * start(end) - start(begin)) / 2, 2,
             [=](std::size_t i, const Ordinal* columns, const Value* values, std::size_t count) {
               scatter(columns, values, count, r[i - begin], g);
             });
  }

  /// The first column of these rows, and the one behind their last; (0, 0) if they are empty.
  std::pair<std::size_t, std::size_t> columns(std::size_t begin, std::size_t end) const {
    const auto* const first = columns_ + starts_[begin];
    const auto* const last = columns_ + starts_[end];
    if (first == last) return {0, 0};
    const auto [least, most] = std::minmax_element(first, last);
    return {static_cast<std::size_t>(*least), static_cast<std::size_t>(*most) + 1};
  }

 private:
  static constexpr std::size_t entry_bytes = sizeof(Value) + sizeof(Ordinal);
  static constexpr std::size_t soon = 512;              ///< entries
  static constexpr std::size_t group_bytes = 512;       ///< fetched at once: whole lines
  static constexpr std::size_t most_fetched = 1 << 17;  ///< what would be evicted before its use
  static constexpr std::size_t shortest = sizeof(Value) == 4 ? 8 : 4;

  /// use(i, columns, values, count) for each row; meanwhile one entry is fetched for `per_fetched`
  /// of them, from `fetched` on.
  template <typename Use>
  [[gnu::always_inline]] void for_rows(std::size_t begin, std::size_t end, std::size_t fetched,
                                       std::size_t per_fetched, const Use& use) const {
    const std::size_t bytes = (start(end) - start(begin)) * entry_bytes;
    const bool fetches = bytes <= most_fetched;
    // Where nothing but A x is computed, larger groups hold it up.
    const std::size_t group = per_fetched == 1 ? 1 : (end - begin) * group_bytes / (bytes + 1) + 1;
    for (std::size_t i = begin; i < end;) {
      const std::size_t next = std::min(i + group, end);
      if (fetches) {
        const std::size_t count = (start(next) - start(i) + per_fetched - 1) / per_fetched;
        prefetch(values_ + fetched, count * sizeof(Value));
        prefetch(columns_ + fetched, count * sizeof(Ordinal));
        fetched += count;
      }
      for (; i < next; ++i)
        use(i, columns_ + start(i), values_ + start(i), start(i + 1) - start(i));
    }
  }

  [[gnu::always_inline]] std::size_t start(std::size_t i) const {
    return static_cast<std::size_t>(starts_[i]);
  }

  [[gnu::always_inline]] static Value dot(const Ordinal* columns, const Value* values,
                                          std::size_t count, const Value* x) {
    std::size_t k = 0;
    Value sum(0);
    if (count >= shortest) {
      FourSums<Value> sums;
      for (; k + 4 <= count; k += 4) {
        std::size_t four[4];
        read_columns(columns + k, four);
        sums.add(values + k, x, four);
      }
      sum = sums.sum();
    }
    for (; k < count; ++k) sum += values[k] * x[columns[k]];
    return sum;
  }

  [[gnu::always_inline]] static void scatter(const Ordinal* __restrict columns,
                                             const Value* __restrict values, std::size_t count,
                                             Value weight, Value* __restrict g) {
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4) {
      std::size_t four[4];
      read_columns(columns + k, four);
      // One after the other: a column may come twice.
#pragma GCC unroll 4
      for (std::size_t l = 0; l < 4; ++l) g[four[l]] += conj(values[k + l]) * weight;
    }
    for (; k < count; ++k) g[columns[k]] += conj(values[k]) * weight;
  }

  const Offset* starts_;
  const Ordinal* columns_;
  const Value* values_;
};

/// y += A x for `count` rows. Asynchronous on `exec`.
template <typename Exec, typename Value, typename Ordinal, typename Offset, typename X, typename Y>
void add_rows(const Exec& exec, const SparseRows<Value, Ordinal, Offset>& rows, std::size_t count,
              const X& x, const Y& y) {
  const Value* const in = x.data();
  Value* const out = y.data();
  for_pieces(exec, "misfit::Sparse::add_rows", count, rows_of_piece,
             [=](std::size_t begin, std::size_t end) {
               Value sums[rows_of_piece];
               rows.apply(begin, end, in, sums, false);
               for (std::size_t i = begin; i < end; ++i) out[i] += sums[i - begin];
             });
}

template <typename Value, typename Ordinal, typename Offset, typename Device>
SparseRows(const CompressedRows<Value, Ordinal, Offset, Device>&)
    -> SparseRows<Value, Ordinal, Offset>;

}  // namespace misfit::detail
