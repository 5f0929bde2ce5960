// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/peers.hpp"
#include "support/problem.hpp"

#include <misfit/detail/matrices/compressed_rows.hpp>
#include <misfit/operators/sparse.hpp>

#include <KokkosSparse_CrsMatrix.hpp>
#include <KokkosSparse_spmv.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace misfit::bench {

using SparseDevice = Exec::device_type;
template <typename T>
using SparseRows = detail::CompressedRows<T, int, int, SparseDevice>;
template <typename T>
using CrsMatrix = KokkosSparse::CrsMatrix<T, int, SparseDevice, void, int>;

inline constexpr std::size_t entries_in_a_row = 32;
inline constexpr std::size_t sparse_band = 4096;

/// The rows `part` of a matrix of n columns, of 32 entries each, in columns that are
/// random within a band of 4096 around the diagonal; row n is as row 0, and so on.
template <typename T>
SparseRows<T> banded_random(std::size_t n, std::uint64_t seed, const Rows& part) {
  const std::size_t rows = part.size();
  Kokkos::View<int*, SparseDevice> starts("row_map", rows + 1),
      columns("columns", rows * entries_in_a_row);
  const auto values = random_numbers<T>(rows * entries_in_a_row, seed);
  const auto numbers = random_numbers<double>(rows * entries_in_a_row, seed + 1);
  const auto host_starts = Kokkos::create_mirror_view(starts);
  const auto host_columns = Kokkos::create_mirror_view(columns);
  const auto uniform = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, numbers);
  const std::size_t width = std::min(n, sparse_band);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t diagonal = (part.begin + i) % n;
    const std::size_t first = std::min(diagonal - std::min(diagonal, width / 2), n - width);
    int* const row = host_columns.data() + i * entries_in_a_row;
    for (std::size_t k = 0; k < entries_in_a_row; ++k)
      row[k] = static_cast<int>(first +
                                static_cast<std::size_t>((uniform(i * entries_in_a_row + k) + 1) /
                                                         2 * static_cast<double>(width)));
    std::sort(row, row + entries_in_a_row);
    host_starts(i + 1) = static_cast<int>((i + 1) * entries_in_a_row);
  }
  Kokkos::deep_copy(starts, host_starts);
  Kokkos::deep_copy(columns, host_columns);
  return {starts, columns, values, n};
}

template <typename T>
CrsMatrix<T> crs_of(const SparseRows<T>& a) {
  // Older Kokkos Kernels take no views of const entries here.
  const auto entries = [](const auto& view) {
    using V = typename std::remove_cvref_t<decltype(view)>::non_const_type;
    return V(const_cast<typename V::value_type*>(view.data()), view.extent(0));
  };
  return CrsMatrix<T>("matrix", static_cast<int>(a.n_rows()), static_cast<int>(a.n_columns),
                      static_cast<int>(a.values.extent(0)), entries(a.values), entries(a.row_map),
                      entries(a.columns));
}

template <typename T>
struct SparseMatrixList {
  std::vector<SparseRows<T>> matrices;
};

template <typename T>
struct SparseMatrices : SparseMatrixList<T>, Problem<Sparse<T, int, int, SparseDevice>, T> {
  SparseMatrices(int count, std::size_t n, MPI_Comm comm = MPI_COMM_WORLD)
      : Problem<Sparse<T, int, int, SparseDevice>, T>(comm, count, [this, n](int i) {
          this->matrices.push_back(banded_random<T>(n, 10 + 2 * static_cast<unsigned>(i), {0, n}));
          const auto& a = this->matrices.back();
          return Sparse(a.row_map, a.columns, a.values, n);
        }) {}
  /// `count` matrices make(i).
  template <typename Make>
    requires std::is_invocable_r_v<SparseRows<T>, Make&, int>
  SparseMatrices(int count, const Make& make)
      : Problem<Sparse<T, int, int, SparseDevice>, T>(MPI_COMM_WORLD, count, [this, make](int i) {
          this->matrices.push_back(make(i));
          const auto& a = this->matrices.back();
          return Sparse(a.row_map, a.columns, a.values, a.n_columns);
        }) {}
  explicit SparseMatrices(DistributedOperator<Sparse<T, int, int, SparseDevice>> made)
      : Problem<Sparse<T, int, int, SparseDevice>, T>(std::move(made)) {}

  /// The fewest bytes that `ranks` ranks with `count` matrices in all must move: values, columns,
  /// row map and y of each operator; on every rank x and, with a gradient, g.
  double bytes(Call call, double count, double ranks) const {
    const auto columns = static_cast<double>(this->x.extent(0));
    double rows = columns, entries = columns * entries_in_a_row;
    if (!this->matrices.empty()) {
      rows = static_cast<double>(this->matrices[0].n_rows());
      entries = static_cast<double>(this->matrices[0].values.extent(0));
    }
    return count * (entries * (sizeof(T) + sizeof(int)) + rows * (sizeof(int) + sizeof(T))) +
           columns * (call == Call::fn ? 1 : 2) * ranks * sizeof(T);
  }
};

/// A product, a reduction, and a product with `transposed`, or without it with A in transpose mode.
template <typename T>
double two_spmv(const SparseMatrices<T>& p, const std::vector<CrsMatrix<T>>& matrices,
                const std::vector<CrsMatrix<T>>& transposed, const Numbers<T>& u,
                const Numbers<T>& g) {
  double value = 0;
  Kokkos::deep_copy(g, T(0));
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const auto y = p.y[k];
    KokkosSparse::spmv("N", T(1), matrices[k], p.x, T(0), u);
    value += distance_and_gradient(p.exec, u, y);
    if (transposed.empty())
      KokkosSparse::spmv("T", T(1), matrices[k], u, T(1), g);
    else
      KokkosSparse::spmv("N", T(1), transposed[k], u, T(1), g);
  }
  return value;
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const SparseMatrices<T>& p) {
  std::vector<CrsMatrix<T>> matrices, transposed;
  std::vector<SparseRows<T>> kept;
  for (const auto& a : p.matrices) {
    matrices.push_back(crs_of(a));
    kept.push_back(detail::conjugate_transpose(a));
    transposed.push_back(crs_of(kept.back()));
  }
  const Numbers<T> u("u", p.matrices.empty() ? 0 : p.matrices[0].n_rows());
  return {{"two_spmv", [=, &p](const Numbers<T>& g) { return two_spmv(p, matrices, {}, u, g); }},
          {"explicit_transpose", [=, &p](const Numbers<T>& g) {
             return kept.empty() ? two_spmv(p, matrices, {}, u, g)
                                 : two_spmv(p, matrices, transposed, u, g);
           }}};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const SparseMatrices<T>& p) {
  peers.write_each("row_map", p, [&](std::size_t k, int) { return p.matrices[k].row_map; });
  peers.write_each("columns", p, [&](std::size_t k, int) { return p.matrices[k].columns; });
  peers.write_each("values", p, [&](std::size_t k, int) { return p.matrices[k].values; });
  return {"sparse", {p.x.extent(0)}, 1};
}

}  // namespace misfit::bench
