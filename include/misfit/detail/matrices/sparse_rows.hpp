// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products with a few rows of a sparse matrix, by one thread of a CPU.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>

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

  /// u[i − begin] = (A x)_i.
  void apply(std::size_t begin, std::size_t end, const Value* x, Value* u) const {
    for (std::size_t i = begin; i < end; ++i) {
      const auto first = static_cast<std::size_t>(starts_[i]);
      const auto count = static_cast<std::size_t>(starts_[i + 1]) - first;
      // Gathers keep a processor so busy that it does not look far ahead by itself.
      prefetch(values_ + first + ahead, count * sizeof(Value));
      prefetch(columns_ + first + ahead, count * sizeof(Ordinal));
      u[i - begin] = dot(columns_ + first, values_ + first, count, x);
    }
  }

  /// g += Σ_i conj(row i) r[i − begin].
  void add_adjoint(std::size_t begin, std::size_t end, const Value* r, Value* g) const {
    for (std::size_t i = begin; i < end; ++i) {
      const auto first = static_cast<std::size_t>(starts_[i]);
      const auto count = static_cast<std::size_t>(starts_[i + 1]) - first;
      scatter(columns_ + first, values_ + first, count, r[i - begin], g);
    }
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
  static constexpr std::size_t ahead = 512;
  static constexpr std::size_t width = sizeof(Value) == 4 ? 8 : 4;

  [[gnu::always_inline]] static Value dot(const Ordinal* columns, const Value* values,
                                          std::size_t count, const Value* x) {
    Value sums[width] = {};
    std::size_t k = 0;
    for (; k + width <= count; k += width)
      add_products(columns + k, values + k, x, sums, std::make_index_sequence<width>());
    Value sum(0);
    for (const Value& part : sums) sum += part;
    for (; k < count; ++k) sum += values[k] * x[columns[k]];
    return sum;
  }

  template <std::size_t... L>
  [[gnu::always_inline]] static void add_products(const Ordinal* columns, const Value* values,
                                                  const Value* x, Value (&sums)[width],
                                                  std::index_sequence<L...>) {
    ((sums[L] += values[L] * x[columns[L]]), ...);
  }

  [[gnu::always_inline]] static void scatter(const Ordinal* __restrict columns,
                                             const Value* __restrict values, std::size_t count,
                                             Value weight, Value* __restrict g) {
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4) {
      g[columns[k]] += conj(values[k]) * weight;
      g[columns[k + 1]] += conj(values[k + 1]) * weight;
      g[columns[k + 2]] += conj(values[k + 2]) * weight;
      g[columns[k + 3]] += conj(values[k + 3]) * weight;
    }
    for (; k < count; ++k) g[columns[k]] += conj(values[k]) * weight;
  }

  const Offset* starts_;
  const Ordinal* columns_;
  const Value* values_;
};

template <typename Value, typename Ordinal, typename Offset, typename Device>
SparseRows(const CompressedRows<Value, Ordinal, Offset, Device>&)
    -> SparseRows<Value, Ordinal, Offset>;

}  // namespace misfit::detail
