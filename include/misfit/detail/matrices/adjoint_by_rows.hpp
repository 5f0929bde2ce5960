// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The adjoint of what is taken by rows, in pieces that run in parallel.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// The entries of the vectors of all pieces, at `vectors`, for signal b and piece p.
template <typename T>
T* vector_of_piece(T* vectors, const RowPlan& plan, const RowPlan::Piece& piece,
                   std::int64_t signal) {
  return vectors + static_cast<std::size_t>(signal) * plan.private_entries() + piece.offset;
}

/// g += the vectors of all pieces, in their order, for columns begin, ..., end − 1.
template <typename T>
void add_vectors(const RowPlan& plan, const T* vectors, std::int64_t signal, std::int64_t begin,
                 std::int64_t end, T* g) {
  for (const RowPlan::Piece& piece : plan.pieces()) {
    const auto first = static_cast<std::int64_t>(piece.first_column);
    const T* const vector = vector_of_piece(vectors, plan, piece, signal) - first;
    const std::int64_t last = std::min(end, static_cast<std::int64_t>(piece.end_column));
    for_range(std::max(begin, first), last, [=](std::int64_t j) { g[j] += vector[j]; });
  }
}

/// x += A^H y for one operator by rows. Asynchronous on `exec`.
template <typename Exec, typename Op, typename Y, typename X>
void add_adjoint_by_rows(const Exec& exec, const Op& op, const RowPlan& plan, Workspace& workspace,
                         const Y& y, const X& x) {
  using T = typename X::non_const_value_type;
  T* const vectors =
      workspace
          .get<T, typename Exec::memory_space>(plan.private_entries(), "misfit::adjoint_by_rows")
          .data();
  const T* const r = y.data();
  T* const g = x.data();
  Kokkos::parallel_for("misfit::adjoint_by_rows", range(exec, plan.pieces().size()),
                       [=, &op, &plan](const std::int64_t p) {
                         const auto& piece = plan.pieces()[static_cast<std::size_t>(p)];
                         T* const vector = vectors + piece.offset;
                         std::fill_n(vector, piece.end_column - piece.first_column, T(0));
                         op.add_adjoint_rows(piece.begin, piece.end, r + piece.begin,
                                             vector - piece.first_column);
                       });
  const Tiles tiles(x.extent(0));
  Kokkos::parallel_for(
      "misfit::adjoint_by_rows::add", range(exec, static_cast<std::size_t>(tiles.count)),
      [=, &plan](const std::int64_t t) {
        add_vectors(plan, static_cast<const T*>(vectors), 0, tiles.begin(t), tiles.end(t), g);
      });
}

}  // namespace misfit::detail
