// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/line.hpp>
#include <misfit/detail/convolution/row_sum.hpp>
#include <misfit/detail/sums/vectors.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// Taps next to each other in a row, or every so many: tap t < n has weight
/// w(first_weight + weight_step t) and reads x(first + step t + i).
struct Taps {
  std::int64_t n, first, step, first_weight, weight_step;
};

/// Two sums of weighted rows of numbers R, of which some rows are in both: these are read once.
/// Each sum is taken in the order of its rows.
template <typename R>
class RowPairSum {
 public:
  static constexpr std::int64_t capacity = 128;

  /// With `add`, the sums add to what is in the targets.
  RowPairSum(R* target, R* other, std::int64_t count, bool add)
      : targets_{target, other}, count_(count), add_(add) {}

  /// Adds n <= capacity taps of a row x to one sum, or (k = 2) to both. Rows of both come behind
  /// those of sum 0 and then sum 1 that are added before, and before those that are added later.
  void add(int k, const R* x, const R* weights, const R* other_weights, const Taps& taps) {
    const std::int64_t n = taps.n;
    if (n_terms_ + n > capacity) flush();
    x += taps.first;
    weights += taps.first_weight;
    other_weights += taps.first_weight;
    Term* term = terms_ + n_terms_;
    for (std::int64_t t = 0; t < n; ++t, ++term) {
      *term = {x, *weights, *other_weights};
      x += taps.step;
      weights += taps.weight_step;
      other_weights += taps.weight_step;
    }
    n_terms_ += n;
    n_[k == 2 ? 2 : n_[2] > 0 ? 3 + k : k] += n;
  }

  void flush() {
    constexpr int most = vector_bytes == 64 ? 3 : 6;  // more would not find registers
    constexpr int least = vector_bytes == 64 ? 1 : 2;
    constexpr int wide = Vectors<most, R>::size, narrow = Vectors<least, R>::size;
    // What is left at the end is taken with entries before it, and before these change.
    R end[2][narrow];
    const std::int64_t rest = count_ % narrow, last = count_ - narrow;
    if (rest > 0 && last >= 0) sum_block<least>(last, end[0], end[1]);
    std::int64_t j = 0;
    for (; j + wide <= count_; j += wide) sum_block<most>(j, targets_[0] + j, targets_[1] + j);
    for (; j + narrow <= count_; j += narrow) sum_block<least>(j, targets_[0] + j, targets_[1] + j);
    for (; j < count_; ++j)
      for (int k = 0; k < 2; ++k) targets_[k][j] = last >= 0 ? end[k][j - last] : entry(k, j);
    add_ = true;
    n_terms_ = 0;
    for (std::int64_t& n : n_) n = 0;
  }

 private:
  struct Term {
    const R* row;
    R weight, other_weight;
  };

  /// Entries j, j + 1, ... of both sums.
  template <int N>
  [[gnu::flatten]] void sum_block(std::int64_t j, R* KOKKOS_RESTRICT to,
                                  R* KOKKOS_RESTRICT other) const {
    Vectors<N, R> sum, other_sum;
    if (add_) {
      sum.load(targets_[0] + j);
      other_sum.load(targets_[1] + j);
    } else {
      sum.set_zero();
      other_sum.set_zero();
    }
    const Term* term = terms_;
    const auto take = [&](std::int64_t n, const auto& add_term) {
      for (const Term* end = term + n; term != end; ++term) add_term(*term);
    };
    const auto add_first = [&](const Term& t) { sum.add(t.weight, t.row + j); };
    const auto add_other = [&](const Term& t) { other_sum.add(t.other_weight, t.row + j); };
    take(n_[0], add_first);
    take(n_[1], add_other);
    take(n_[2],
         [&](const Term& t) { sum.add_both(t.weight, t.other_weight, t.row + j, other_sum); });
    take(n_[3], add_first);
    take(n_[4], add_other);
    sum.store(to);
    other_sum.store(other);
  }

  /// The same for one entry of sum k.
  R entry(int k, std::int64_t j) const {
    R sum = add_ ? targets_[k][j] : R(0);
    const Term* term = terms_;
    for (int part = 0; part < 5; ++part)
      for (const Term* end = term + n_[part]; term != end; ++term)
        if (part == 2 || part % 3 == k)
          sum += (k == 0 ? term->weight : term->other_weight) * term->row[j];
    return sum;
  }

  R* targets_[2];
  std::int64_t count_;
  bool add_;
  std::int64_t n_terms_ = 0;
  std::int64_t n_[5] = {};  // terms of sum 0, of 1, of both, of 0, of 1
  Term terms_[capacity];
};

/// Rows that two lists have in common, next to each other in the same order: n from `first` and
/// from `other`.
struct CommonRows {
  int first = 0, other = 0, n = 0;
};

template <typename S, typename W>
CommonRows common_rows(const WeightedRows<S, W>& list, const WeightedRows<S, W>& other) {
  CommonRows common;
  if (list.n == 0 || other.n == 0) return common;
  while (common.other < other.n && other.rows[common.other] != list.rows[0]) ++common.other;
  if (common.other == other.n) {
    common.other = 0;
    while (common.first < list.n && list.rows[common.first] != other.rows[0]) ++common.first;
  }
  const int most = std::min(list.n - common.first, other.n - common.other);
  while (common.n < most &&
         list.rows[common.first + common.n] == other.rows[common.other + common.n])
    ++common.n;
  return common;
}

/// target(i) = Σ over the rows x of a list, with weights w, and their taps, or += with `add`.
template <bool Adjoint, typename T, typename W, typename ForTaps>
void sum_row(const WeightedRows<T, W>& list, T* target, std::int64_t count, bool add,
             const ForTaps& for_taps) {
  RowSum<T, W> sum(target, count, add);
  for (int n = 0; n < list.n; ++n)
    for_taps([&](const Taps& taps) {
      const T* x = list.rows[n] + taps.first;
      const W* w = list.weights[n] + taps.first_weight;
      for (std::int64_t t = 0; t < taps.n; ++t, x += taps.step, w += taps.weight_step)
        sum.add(x, Adjoint ? conj(*w) : *w);
    });
  sum.finish();
}

/// The same for two lists that have rows in common.
template <typename T, typename W, typename ForTaps>
[[gnu::noinline]] void sum_row_pair(const WeightedRows<T, W> (&lists)[2], const CommonRows& common,
                                    T* const (&targets)[2], std::int64_t count, bool add,
                                    const ForTaps& for_taps) {
  constexpr std::int64_t parts = sizeof(T) / sizeof(W);
  RowPairSum<W> sum(reinterpret_cast<W*>(targets[0]), reinterpret_cast<W*>(targets[1]),
                    parts * count, add);
  const auto put = [&](int k, int begin, int end, int other_begin) {
    const auto &list = lists[k % 2], &other = lists[k == 0 ? 0 : 1];
    for (int n = begin; n < end; ++n)
      for_taps([&](const Taps& taps) {
        sum.add(
            k, reinterpret_cast<const W*>(list.rows[n]), list.weights[n],
            other.weights[other_begin + n - begin],
            {taps.n, parts * taps.first, parts * taps.step, taps.first_weight, taps.weight_step});
      });
  };
  const int after = common.first + common.n, other_after = common.other + common.n;
  put(0, 0, common.first, 0);
  put(1, 0, common.other, 0);
  put(2, common.first, after, common.other);
  put(0, after, lists[0].n, after);
  put(1, other_after, lists[1].n, other_after);
  sum.flush();
}

/// target_k(i) = Σ over the rows x of list k, with weights w, and their n_taps taps, or += with
/// `add`, for n_targets lists. `for_taps` calls f(taps), once or several times.
template <bool Adjoint, typename T, typename W, typename ForTaps>
void sum_rows(const WeightedRows<T, W> (&lists)[2], T* const (&targets)[2], int n_targets,
              std::int64_t count, bool add, std::int64_t n_taps, const ForTaps& for_taps) {
  if constexpr (std::is_same_v<W, Real<T>> && has_vectors<W>)
    if (n_targets == 2 && n_taps > 0 && n_taps <= RowPairSum<W>::capacity) {
      const CommonRows common = common_rows(lists[0], lists[1]);
      if (common.n > 0) return sum_row_pair(lists, common, targets, count, add, for_taps);
    }
  for (int k = 0; k < n_targets; ++k) sum_row<Adjoint>(lists[k], targets[k], count, add, for_taps);
}

}  // namespace misfit::detail
