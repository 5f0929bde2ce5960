// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/error.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace misfit::detail {

/// A sparse matrix: the values(k) of row i in columns(k), k = row_map(i), ..., row_map(i + 1) − 1.
template <typename Value, typename Ordinal, typename Offset, typename Device>
struct CompressedRows {
  std::size_t n_rows() const { return row_map.extent(0) > 0 ? row_map.extent(0) - 1 : 0; }

  Kokkos::View<const Offset*, Device> row_map;
  Kokkos::View<const Ordinal*, Device> columns;
  Kokkos::View<const Value*, Device> values;
  std::size_t n_columns;
};

/// Throws ArgumentError unless the row offsets rise from 0 to the number of values, in host memory.
template <typename RowMap>
void require_row_map(const RowMap& row_map, std::size_t n_values) {
  const std::size_t n_rows = row_map.extent(0) > 0 ? row_map.extent(0) - 1 : 0;
  for (std::size_t i = 0; i < n_rows; ++i)
    if (row_map(i + 1) < row_map(i))
      throw ArgumentError("Sparse: row_map falls after row " + std::to_string(i));
  if (row_map.extent(0) > 0 && row_map(0) != 0)
    throw ArgumentError("Sparse: row_map does not start at 0");
  const std::size_t end = row_map.extent(0) > 0 ? static_cast<std::size_t>(row_map(n_rows)) : 0;
  if (end != n_values)
    throw ArgumentError("Sparse: row_map ends at " + std::to_string(end) + ", there are " +
                        std::to_string(n_values) + " values");
}

/// Throws ArgumentError unless every column is below `n_columns` and every value finite, in host
/// memory.
template <typename Columns, typename Values>
void require_entries(const Columns& columns, const Values& values, std::size_t n_columns) {
  for (std::size_t k = 0; k < values.extent(0); ++k) {
    // A negative column becomes a huge one.
    if (static_cast<std::size_t>(columns(k)) >= n_columns)
      throw ArgumentError("Sparse: columns: entry " + std::to_string(k) +
                          " is outside a matrix of " + std::to_string(n_columns) + " columns");
    if (zero_or_nan(values(k)) != 0)
      throw ArgumentError("Sparse: values: has entries that are not finite");
  }
}

/// Throws ArgumentError unless A is well formed. Blocks.
template <typename Value, typename Ordinal, typename Offset, typename Device>
void require_well_formed(const CompressedRows<Value, Ordinal, Offset, Device>& a) {
  constexpr auto limit = static_cast<std::size_t>(std::numeric_limits<Ordinal>::max());
  if (a.n_columns > limit || a.n_rows() > limit)
    throw ArgumentError("Sparse: " + std::to_string(a.n_rows()) + " x " +
                        std::to_string(a.n_columns) + " is too large for the type of the columns");
  if (a.columns.extent(0) != a.values.extent(0))
    throw ArgumentError("Sparse: columns has " + std::to_string(a.columns.extent(0)) +
                        " entries, values has " + std::to_string(a.values.extent(0)));

  const Kokkos::HostSpace host;
  require_row_map(Kokkos::create_mirror_view_and_copy(host, a.row_map), a.values.extent(0));
  require_entries(Kokkos::create_mirror_view_and_copy(host, a.columns),
                  Kokkos::create_mirror_view_and_copy(host, a.values), a.n_columns);
}

/// A copy of some rows of a well-formed A. Blocks.
template <typename Value, typename Ordinal, typename Offset, typename Device>
CompressedRows<Value, Ordinal, Offset, Device> rows_of(
    const CompressedRows<Value, Ordinal, Offset, Device>& a, const Rows& rows) {
  const auto row_map = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace{}, Kokkos::subview(a.row_map, std::pair(rows.begin, rows.end + 1)));
  const auto entries = std::pair(static_cast<std::size_t>(row_map(0)),
                                 static_cast<std::size_t>(row_map(rows.size())));
  const std::size_t count = entries.second - entries.first;
  Kokkos::View<Offset*, Device> own_row_map("misfit::Sparse::row_map", rows.size() + 1);
  Kokkos::View<Ordinal*, Device> columns("misfit::Sparse::columns", count);
  Kokkos::View<Value*, Device> values("misfit::Sparse::values", count);
  const auto starts = Kokkos::create_mirror_view(own_row_map);
  for (std::size_t i = 0; i <= rows.size(); ++i) starts(i) = row_map(i) - row_map(0);
  Kokkos::deep_copy(own_row_map, starts);
  Kokkos::deep_copy(columns, Kokkos::subview(a.columns, entries));
  Kokkos::deep_copy(values, Kokkos::subview(a.values, entries));
  return {own_row_map, columns, values, a.n_columns};
}

/// A^H of a well-formed A, by a counting sort on the host, which keeps the order of the rows.
/// Blocks.
template <typename Value, typename Ordinal, typename Offset, typename Device>
CompressedRows<Value, Ordinal, Offset, Device> conjugate_transpose(
    const CompressedRows<Value, Ordinal, Offset, Device>& a) {
  const auto row_map = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.row_map);
  const auto columns = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.columns);
  const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.values);

  using Kokkos::view_alloc;
  using Kokkos::WithoutInitializing;
  const std::size_t nnz = values.extent(0);
  Kokkos::View<Offset*, Device> t_row_map("misfit::Sparse::row_map", a.n_columns + 1);
  Kokkos::View<Ordinal*, Device> t_columns(
      view_alloc(WithoutInitializing, "misfit::Sparse::columns"), nnz);
  Kokkos::View<Value*, Device> t_values(view_alloc(WithoutInitializing, "misfit::Sparse::values"),
                                        nnz);
  const auto starts = Kokkos::create_mirror_view(t_row_map);
  const auto rows = Kokkos::create_mirror_view(t_columns);
  const auto conjugates = Kokkos::create_mirror_view(t_values);

  // Afterwards starts(j + 1) is where column j begins; placing its entries moves it to where column
  // j ends.
  Kokkos::deep_copy(starts, Offset(0));
  for (std::size_t k = 0; k < nnz; ++k)
    if (const auto j = static_cast<std::size_t>(columns(k)); j + 2 <= a.n_columns) ++starts(j + 2);
  for (std::size_t j = 2; j <= a.n_columns; ++j) starts(j) += starts(j - 1);
  for (std::size_t i = 0; i < a.n_rows(); ++i)
    for (auto k = row_map(i); k < row_map(i + 1); ++k) {
      const Offset place = starts(static_cast<std::size_t>(columns(k)) + 1)++;
      rows(place) = static_cast<Ordinal>(i);
      conjugates(place) = conj(values(k));
    }

  Kokkos::deep_copy(t_row_map, starts);
  Kokkos::deep_copy(t_columns, rows);
  Kokkos::deep_copy(t_values, conjugates);
  return {t_row_map, t_columns, t_values, a.n_rows()};
}

}  // namespace misfit::detail
