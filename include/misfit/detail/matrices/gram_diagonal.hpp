// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// d += diag(A^H W A) for matrices, with real weights w: d_j += Σ_i w_i |A_ij|².

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::detail {

/// For a dense A. Asynchronous on `exec`.
template <typename Exec, typename A, typename W, typename D>
void add_dense_gram_diagonal(const Exec& exec, const A& a, const W& w, const D& d) {
  // A thread of a CPU reads rows a few columns at a time.
  constexpr std::int64_t at_once = in_cpu_form<Exec> ? 64 : 1;
  using Sum = typename D::non_const_value_type;
  const auto rows = static_cast<std::int64_t>(a.extent(0)),
             columns = static_cast<std::int64_t>(a.extent(1));
  for_indices(
      exec, "misfit::Dense::add_gram_diagonal",
      static_cast<std::size_t>((columns + at_once - 1) / at_once),
      KOKKOS_LAMBDA(const std::int64_t block) {
        const std::int64_t begin = block * at_once,
                           end = begin + at_once < columns ? begin + at_once : columns;
        double sums[at_once] = {};
        for (std::int64_t i = 0; i < rows; ++i) {
          const double weight = w(i);
          for (std::int64_t j = begin; j < end; ++j)
            sums[j - begin] += weight * squared_abs(a(i, j));
        }
        for (std::int64_t j = begin; j < end; ++j) d(j) += static_cast<Sum>(sums[j - begin]);
      });
}

/// For a sparse A, on the host. Blocks.
template <typename Exec, typename Value, typename Ordinal, typename Offset, typename Device,
          typename W, typename D>
void add_sparse_gram_diagonal(const Exec& exec,
                              const CompressedRows<Value, Ordinal, Offset, Device>& a, const W& w,
                              const D& d) {
  using Sum = typename D::non_const_value_type;
  fence(exec, "misfit::gram_diagonal: w and d are read on the host");
  const Kokkos::HostSpace host;
  const auto row_map = Kokkos::create_mirror_view_and_copy(host, a.row_map);
  const auto columns = Kokkos::create_mirror_view_and_copy(host, a.columns);
  const auto values = Kokkos::create_mirror_view_and_copy(host, a.values);
  const auto weights = Kokkos::create_mirror_view_and_copy(host, w);
  const auto out = Kokkos::create_mirror_view_and_copy(host, d);
  std::vector<Value> entries(a.n_columns, Value(0));  // of a row: values of one column are added
  for (std::size_t i = 0; i < a.n_rows(); ++i) {
    for (auto k = row_map(i); k < row_map(i + 1); ++k)
      entries[static_cast<std::size_t>(columns(k))] += values(k);
    for (auto k = row_map(i); k < row_map(i + 1); ++k) {
      const auto j = static_cast<std::size_t>(columns(k));
      out(j) += static_cast<Sum>(static_cast<double>(weights(i)) * squared_abs(entries[j]));
      entries[j] = Value(0);
    }
  }
  Kokkos::deep_copy(d, out);
}

}  // namespace misfit::detail
