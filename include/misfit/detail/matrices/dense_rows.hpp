// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products with a few rows of a row-major matrix, by one thread of a CPU. Between the product and
// the adjoint the rows stay in cache; so that the memory does not rest meanwhile, each of the two
// fetches one half of the rows that come next.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/matrices/products_by_rows.hpp>
#include <misfit/detail/sums/lanes.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace misfit::detail {

/// Rows that share what is read of x, and of g.
inline constexpr std::size_t rows_together = 4;
inline constexpr std::size_t most_rows_together = 16;  ///< times rows_together

template <typename T>
class DenseRows {
 public:
  /// A has n columns, its rows `stride` entries apart.
  DenseRows(const T* a, std::size_t stride, std::size_t rows, std::size_t n)
      : a_(a), stride_(stride), rows_(rows), n_(n) {}

  /// The same rows, behind which those of `next` are read, a matrix with as many columns.
  DenseRows followed_by(const DenseRows& next) const {
    DenseRows rows = *this;
    rows.next_ = next.a_;
    rows.next_stride_ = next.stride_;
    rows.next_rows_ = next.rows_;
    return rows;
  }

  /// u[i − begin] = Σ_j a(i, j) x(j), or if Conjugate Σ_j conj(a(i, j)) x(j).
  template <bool Conjugate = false>
  void apply(std::size_t begin, std::size_t end, const T* x, T* u) const {
    for_groups(begin, end, [&](auto group, std::size_t i) {
      dot<Conjugate>(group, i, end - begin, x, u + (i - begin));
    });
  }

  /// g(j) += Σ_i conj(a(i, j)) r[i − begin], or unless Conjugate Σ_i a(i, j) r[i − begin].
  template <bool Conjugate = true>
  void add_adjoint(std::size_t begin, std::size_t end, const T* r, T* g) const {
    for_groups(begin, end, [&](auto group, std::size_t i) {
      add<Conjugate>(group, i, end - begin, r + (i - begin), g);
    });
  }

 private:
  static constexpr int width = sizeof(T) == 4 ? 32 : 16;

  template <typename Use>
  static void for_groups(std::size_t begin, std::size_t end, Use&& use) {
    std::size_t i = begin;
    for (; i + rows_together <= end; i += rows_together)
      use(std::make_index_sequence<rows_together>(), i);
    for (; i < end; ++i) use(std::make_index_sequence<1>(), i);
  }

  template <bool Conjugate>
  [[gnu::always_inline]] static T entry(const T& a) {
    if constexpr (Conjugate)
      return conj(a);
    else
      return a;
  }

  template <bool Conjugate, std::size_t... I>
  [[gnu::flatten]] void dot(std::index_sequence<I...>, std::size_t i, std::size_t ahead, const T* x,
                            T* u) const {
    const T* const rows[] = {row(i + I)...};
    const T* const next[] = {coming(i + I + ahead)...};
    T sums[sizeof...(I)][width] = {};
    std::size_t j = 0;
    for (; j + width <= n_; j += width) {
      (prefetch(next[I] + j / 2, width * sizeof(T) / 2), ...);
      for_lanes<width>([&](int l) {
        const auto c = j + static_cast<std::size_t>(l);
        const T x_c = x[c];
        ((sums[I][l] += entry<Conjugate>(rows[I][c]) * x_c), ...);
      });
    }
    ((u[I] = sum_of_lanes<width>(sums[I])), ...);
    for (; j < n_; ++j) ((u[I] += entry<Conjugate>(rows[I][j]) * x[j]), ...);
  }

  template <bool Conjugate, std::size_t... I>
  [[gnu::flatten]] void add(std::index_sequence<I...>, std::size_t i, std::size_t ahead, const T* r,
                            T* g) const {
    const T* const rows[] = {row(i + I)...};
    const T* const next[] = {coming(i + I + ahead)...};
    const T weights[] = {r[I]...};
    std::size_t j = 0;
    for (; j + width <= n_; j += width) {
      (prefetch(next[I] + (n_ + j) / 2, width * sizeof(T) / 2), ...);
      for_lanes<width>([&](int l) {
        const auto c = j + static_cast<std::size_t>(l);
        g[c] += ((entry<Conjugate>(rows[I][c]) * weights[I]) + ...);
      });
    }
    for (; j < n_; ++j) g[j] += ((entry<Conjugate>(rows[I][j]) * weights[I]) + ...);
  }

  const T* row(std::size_t i) const { return a_ + i * stride_; }
  /// A row of this matrix or of the next, or the last one here.
  const T* coming(std::size_t i) const {
    if (i < rows_) return row(i);
    return i - rows_ < next_rows_ ? next_ + (i - rows_) * next_stride_ : row(rows_ - 1);
  }

  const T* a_;
  std::size_t stride_, rows_, n_;
  const T* next_ = nullptr;
  std::size_t next_stride_ = 0, next_rows_ = 0;
};

/// Of a matrix by columns: these are the rows of its transpose.
template <typename T>
struct DenseColumns {
  /// y = A x. Asynchronous on `exec`.
  template <typename Exec>
  void apply(const Exec& exec, const T* x, T* y) const {
    for_pieces(exec, "misfit::Dense::apply::columns", m, rows_of_piece,
               [of = *this, x, y](std::size_t begin, std::size_t end) {
                 std::fill(y + begin, y + end, T(0));
                 if (of.n == 0) return;
                 DenseRows<T>(of.a + begin, of.stride, of.n, end - begin)
                     .template add_adjoint<false>(0, of.n, x, y + begin);
               });
  }
  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec>
  void add_adjoint(const Exec& exec, const T* y, T* x) const {
    constexpr std::size_t together = 4 * rows_together;
    for_pieces(
        exec, "misfit::Dense::add_adjoint::columns", n, together,
        [of = *this, y, x](std::size_t begin, std::size_t end) {
          T sums[together];
          DenseRows<T>(of.a, of.stride, of.n, of.m).template apply<true>(begin, end, y, sums);
          for (std::size_t j = begin; j < end; ++j) x[j] += sums[j - begin];
        });
  }

  const T* a;
  std::size_t stride, m, n;  ///< entries from a column to the next, rows, columns
};

}  // namespace misfit::detail
