// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Rows of images of different heights, copied and added. An image, or a batch of them, is `lines`
// times (rows × row) entries: the dimension that is cut is the one of rows, `row` is the product of
// the extents behind it, and `lines` that of the batch and of the extents before it.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Some rows of images: `first` of `rows` and those behind it.
template <typename T>
struct RowsOf {
  RowsOf<const T> as_const() const { return {data, rows, first}; }

  T* data;
  std::size_t rows, first;
};

/// Calls put(to, from) for the entries of `count` rows. Asynchronous on `exec`.
template <typename Exec, typename T, typename Put>
void for_rows(const Exec& exec, const char* label, std::size_t lines, std::size_t row,
              std::size_t count, const RowsOf<const T>& from, const RowsOf<T>& to, const Put& put) {
  const auto length = static_cast<std::int64_t>(count * row);
  const auto from_length = static_cast<std::int64_t>(from.rows * row);
  const auto to_length = static_cast<std::int64_t>(to.rows * row);
  const T* const source = from.data + from.first * row;
  T* const target = to.data + to.first * row;
  if (length == 0) return;
  constexpr std::int64_t piece = in_cpu_form<Exec> ? 4096 : 1;
  const std::int64_t pieces = (length + piece - 1) / piece;  // of a line
  for_indices(
      exec, label, lines * static_cast<std::size_t>(pieces), KOKKOS_LAMBDA(const std::int64_t k) {
        const std::int64_t line = k / pieces, begin = (k - line * pieces) * piece;
        const std::int64_t end = begin + piece < length ? begin + piece : length;
        T* const to_line = target + line * to_length;
        const T* const from_line = source + line * from_length;
        for (std::int64_t j = begin; j < end; ++j) put(to_line[j], from_line[j]);
      });
}

template <typename T>
struct Assigned {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(T& to, const T& from) const { to = from; }
};
template <typename T>
struct Added {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(T& to, const T& from) const { to += from; }
};
template <typename T>
struct Cleared {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(T& to, const T&) const { to = T(0); }
};

/// Sets `count` rows. Asynchronous on `exec`.
template <typename Exec, typename T>
void copy_rows(const Exec& exec, std::size_t lines, std::size_t row, std::size_t count,
               const RowsOf<const T>& from, const RowsOf<T>& to) {
  for_rows(exec, "misfit::copy", lines, row, count, from, to, Assigned<T>{});
}

/// Adds to `count` rows. Asynchronous on `exec`.
template <typename Exec, typename T>
void add_rows(const Exec& exec, std::size_t lines, std::size_t row, std::size_t count,
              const RowsOf<const T>& from, const RowsOf<T>& to) {
  for_rows(exec, "misfit::add", lines, row, count, from, to, Added<T>{});
}

/// Sets `count` rows to 0. Asynchronous on `exec`.
template <typename Exec, typename T>
void clear_rows(const Exec& exec, std::size_t lines, std::size_t row, std::size_t count,
                const RowsOf<T>& rows) {
  for_rows(exec, "misfit::clear", lines, row, count, rows.as_const(), rows, Cleared<T>{});
}

}  // namespace misfit::detail
