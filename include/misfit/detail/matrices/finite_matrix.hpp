// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit::detail {

/// A matrix as lines of entries: rows, or columns where these lie one behind the other.
template <typename T>
struct MatrixLines {
  const T* data;
  std::int64_t lines, length;     ///< of entries
  std::int64_t distance, stride;  ///< of lines, and of the entries of one
};

template <typename Exec, typename T>
void require_finite_lines(const Exec& exec, const char* name, const MatrixLines<T>& a) {
  const double sum = wide_sum(
      exec, "misfit::require_finite_matrix", static_cast<std::size_t>(a.lines * a.length),
      KOKKOS_LAMBDA(const std::int64_t k) {
        const std::int64_t line = k / a.length;
        return zero_or_nan(a.data[line * a.distance + (k - line * a.length) * a.stride]);
      });
  if (!(sum == 0)) throw ArgumentError(std::string(name) + ": has entries that are not finite");
}

/// Throws ArgumentError naming `name` if an entry of the matrix is not finite. Blocks.
template <typename Exec, typename A>
void require_finite_matrix(const Exec& exec, const char* name, const A& a) {
  const bool by_columns = a.stride(0) == 1;
  const int lines = by_columns ? 1 : 0, entries = 1 - lines;
  const auto size = [&](int dimension) { return static_cast<std::int64_t>(a.extent(dimension)); };
  const auto stride = [&](int dimension) { return static_cast<std::int64_t>(a.stride(dimension)); };
  require_finite_lines<Exec, typename A::non_const_value_type>(
      exec, name, {a.data(), size(lines), size(entries), stride(lines), stride(entries)});
}

// Compiled once, in core/, for the default execution space.
#define MISFIT_FINITE_LINES(prefix, Exec, T) \
  prefix template void require_finite_lines(const Exec&, const char*, const MatrixLines<T>&);
MISFIT_FOR_SCALARS(MISFIT_FINITE_LINES, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
