// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Matrices as the threads of a team on a GPU read them: pointers and sizes, which are copied there.

#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// A matrix that one team multiplies by before it takes the next, up to `rows_at_once` rows at
/// once.
///
/// `work()` is how many numbers a team reads of it for both products; `fits_team()` whether it can
/// be taken so at all. Device functions: row i has `row_length(i)` terms, of which l is `term(i, l,
/// x)`; `add_adjoint(g_j, j, begin, end, r)` is g_j and what these rows add to entry j of A^H r,
/// where r[0] belongs to row `begin`.
template <typename M, typename T>
concept TeamMatrix =
    std::is_trivially_copyable_v<M> && requires(const M& a, std::int64_t i, const T* in, T sum) {
      { a.work() } -> std::same_as<std::int64_t>;
      { a.fits_team() } -> std::same_as<bool>;
      { a.row_length(i) } -> std::same_as<std::int64_t>;
      { a.term(i, i, in) } -> std::same_as<T>;
      { a.add_adjoint(sum, i, i, i, in) } -> std::same_as<T>;
    };

template <typename T>
struct TeamDense {
  static constexpr std::int64_t rows_at_once = 256;

  std::int64_t work() const { return n_rows * n_columns; }
  bool fits_team() const { return true; }

  KOKKOS_INLINE_FUNCTION std::int64_t row_length(std::int64_t) const { return n_columns; }
  KOKKOS_INLINE_FUNCTION T term(std::int64_t i, std::int64_t l, const T* x) const {
    return entry(i, l) * x[l];
  }
  KOKKOS_INLINE_FUNCTION T add_adjoint(T sum, std::int64_t j, std::int64_t begin, std::int64_t end,
                                       const T* r) const {
    for (std::int64_t i = begin; i < end; ++i) sum += conj(entry(i, j)) * r[i - begin];
    return sum;
  }
  KOKKOS_INLINE_FUNCTION T entry(std::int64_t i, std::int64_t j) const {
    return entries[i * row_stride + j * column_stride];
  }

  const T* entries;
  std::int64_t n_rows, n_columns, row_stride, column_stride;
};

/// With A^H in compressed rows too, which reach over all rows of A: these are taken at once.
template <typename T, typename Ordinal, typename Offset>
struct TeamSparse {
  struct Lines {
    const Offset* starts;
    const Ordinal* places;
    const T* values;
  };
  static constexpr std::int64_t rows_at_once = 1000;  // of any scalar in 32 KiB, with residuals

  std::int64_t work() const { return n_values + n_rows + n_columns; }
  bool fits_team() const { return n_rows <= rows_at_once; }

  KOKKOS_INLINE_FUNCTION std::int64_t row_length(std::int64_t i) const {
    return static_cast<std::int64_t>(rows.starts[i + 1] - rows.starts[i]);
  }
  KOKKOS_INLINE_FUNCTION T term(std::int64_t i, std::int64_t l, const T* x) const {
    const auto k = static_cast<std::int64_t>(rows.starts[i]) + l;
    return rows.values[k] * x[rows.places[k]];
  }
  KOKKOS_INLINE_FUNCTION T add_adjoint(T sum, std::int64_t j, std::int64_t, std::int64_t,
                                       const T* r) const {
    for (Offset k = adjoint.starts[j]; k < adjoint.starts[j + 1]; ++k)
      sum += adjoint.values[k] * r[adjoint.places[k]];
    return sum;
  }

  Lines rows, adjoint;
  std::int64_t n_rows, n_columns, n_values;
};

}  // namespace misfit::detail
