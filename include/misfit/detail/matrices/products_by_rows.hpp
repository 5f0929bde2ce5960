// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Products of what is taken by rows, in pieces that run in parallel. The pieces do not depend on
// the number of threads, and so neither do the bits.

#include <misfit/detail/base/for_indices.hpp>
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

inline constexpr std::size_t rows_of_piece = 256;

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

/// body(begin, end) for pieces of `rows` rows, and for what is left. Asynchronous on `exec`.
template <typename Exec, typename Body>
void for_pieces(const Exec& exec, const char* label, std::size_t all, std::size_t rows,
                const Body& body) {
  for_indices(exec, label, (all + rows - 1) / rows, [=](const std::int64_t p) {
    const std::size_t begin = static_cast<std::size_t>(p) * rows;
    body(begin, std::min(begin + rows, all));
  });
}

/// y = A x for one operator by rows. Asynchronous on `exec`.
template <typename Exec, typename Op, typename X, typename Y>
void apply_by_rows(const Exec& exec, const Op& op, const X& x, const Y& y) {
  const auto* const in = x.data();
  auto* const out = y.data();
  for_pieces(exec, "misfit::apply_by_rows", op.range_size(), rows_of_piece,
             [=, &op](std::size_t begin, std::size_t end) {
               if constexpr (requires { op.apply_rows_alone(begin, end, in, out); })
                 op.apply_rows_alone(begin, end, in, out + begin);
               else
                 op.apply_rows(begin, end, in, out + begin);
             });
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
  for_indices(
      exec, "misfit::adjoint_by_rows", plan.pieces().size(), [=, &op, &plan](const std::int64_t p) {
        const auto& piece = plan.pieces()[static_cast<std::size_t>(p)];
        T* const vector = vectors + piece.offset;
        std::fill_n(vector, piece.end_column - piece.first_column, T(0));
        op.add_adjoint_rows(piece.begin, piece.end, r + piece.begin, vector - piece.first_column);
      });
  const Tiles tiles(x.extent(0));
  for_indices(exec, "misfit::adjoint_by_rows::add", static_cast<std::size_t>(tiles.count),
              [=, &plan](const std::int64_t t) {
                add_vectors(plan, static_cast<const T*>(vectors), 0, tiles.begin(t), tiles.end(t),
                            g);
              });
}

}  // namespace misfit::detail
