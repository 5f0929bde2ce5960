// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// d += |A|^T |A| 1 for matrices. A^H A ⪯ diag(|A|^T |A| 1), for the difference is Hermitian and
// diagonally dominant.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// For a dense A. Blocks.
template <typename Exec, typename A, typename D>
void add_dense_majorizer(const Exec& exec, const A& a, const D& d) {
  const auto rows = static_cast<std::int64_t>(a.extent(0)),
             columns = static_cast<std::int64_t>(a.extent(1));
  const Kokkos::View<double*, typename Exec::memory_space> sums("misfit::majorizer::sums",
                                                                a.extent(0));
  for_indices(
      exec, "misfit::Dense::row_sums", a.extent(0), KOKKOS_LAMBDA(const std::int64_t i) {
        double sum = 0;
        for (std::int64_t j = 0; j < columns; ++j) sum += abs(a(i, j));
        sums(i) = sum;
      });
  for_indices(
      exec, "misfit::Dense::add_majorizer", a.extent(1), KOKKOS_LAMBDA(const std::int64_t j) {
        double sum = 0;
        for (std::int64_t i = 0; i < rows; ++i) sum += abs(a(i, j)) * sums(i);
        d(j) += sum;
      });
  fence(exec, "misfit::majorizer: its memory is freed");
}

/// For a sparse A, on the host. Blocks.
template <typename Exec, typename Value, typename Ordinal, typename Offset, typename Device,
          typename D>
void add_sparse_majorizer(const Exec& exec, const CompressedRows<Value, Ordinal, Offset, Device>& a,
                          const D& d) {
  fence(exec, "misfit::majorizer: d is read on the host");
  const Kokkos::HostSpace host;
  const auto row_map = Kokkos::create_mirror_view_and_copy(host, a.row_map);
  const auto columns = Kokkos::create_mirror_view_and_copy(host, a.columns);
  const auto values = Kokkos::create_mirror_view_and_copy(host, a.values);
  const auto out = Kokkos::create_mirror_view_and_copy(host, d);
  for (std::size_t i = 0; i < a.n_rows(); ++i) {
    double sum = 0;
    for (auto k = row_map(i); k < row_map(i + 1); ++k) sum += abs(values(k));
    for (auto k = row_map(i); k < row_map(i + 1); ++k)
      out(static_cast<std::size_t>(columns(k))) += abs(values(k)) * sum;
  }
  Kokkos::deep_copy(d, out);
}

}  // namespace misfit::detail
