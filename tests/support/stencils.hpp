// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Sparse matrices of images.

#include "support/matrix_operator.hpp"

#include <misfit/operators/sparse.hpp>
#include <misfit/shape.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <vector>

namespace misfit::test {

/// The columns of each row of a matrix, row j for pixel j: the pixels `offsets` away along a
/// dimension that are in the image, or, if it is circular, all of them.
inline std::vector<std::vector<std::size_t>> stencil(const Shape& shape, std::size_t dimension,
                                                     const std::vector<int>& offsets,
                                                     bool circular = false) {
  std::size_t stride = 1;
  for (std::size_t d = dimension + 1; d < shape.rank(); ++d) stride *= shape[d];
  const auto extent = static_cast<int>(shape[dimension]);
  std::vector<std::vector<std::size_t>> columns(shape.size());
  for (std::size_t j = 0; j < shape.size(); ++j)
    for (const int offset : offsets) {
      const auto at = static_cast<int>(j / stride % shape[dimension]);
      int to = at + offset;
      if (circular) to = (to + extent) % extent;
      if (to < 0 || to >= extent) continue;
      columns[j].push_back(j + static_cast<std::size_t>(to) * stride -
                           static_cast<std::size_t>(at) * stride);
    }
  return columns;
}

template <typename T>
Kokkos::View<T*> view_of(const std::vector<T>& numbers) {
  Kokkos::View<T*> view("numbers", numbers.size());
  detail::fill_on_host(view, [&](const auto& v) {
    for (std::size_t j = 0; j < numbers.size(); ++j) v(j) = numbers[j];
  });
  return view;
}

/// Entry e of all has the value entry(k, e).
template <typename T>
auto sparse_matrix(const std::vector<std::vector<std::size_t>>& rows, std::size_t n_columns,
                   std::size_t k = 3) {
  std::vector<int> starts{0}, columns;
  for (const auto& row : rows) {
    for (const std::size_t column : row) columns.push_back(static_cast<int>(column));
    starts.push_back(static_cast<int>(columns.size()));
  }
  return Sparse(view_of(starts), view_of(columns), vector_of<T>(k, columns.size()), n_columns);
}

/// The entries `at` of `from`.
template <typename T>
Vector<T> picked(const std::vector<T>& from, const std::vector<std::size_t>& at) {
  std::vector<T> entries;
  for (const std::size_t j : at) entries.push_back(from[j]);
  return view_of(entries);
}

}  // namespace misfit::test
