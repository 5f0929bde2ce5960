// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators by rows, on a CPU: a few rows of A, their distances and their adjoint while the rows
// are in cache, so that A moves once.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/matrices/products_by_rows.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

inline constexpr std::size_t most_rows_at_once = 64;

/// The rows begin, ..., end − 1 of operator k, signal b: their sum, and their part of the gradient.
template <Quantity Wanted, typename Op, typename D, typename T>
PartialSum sweep_rows(const LocalProblem<Op, D, T, T>& problem, std::size_t k, std::size_t begin,
                      std::size_t end, std::int64_t signal, T* gradient) {
  const auto index = static_cast<std::int64_t>(k);
  const Op& op = problem.operator_at(index);
  // Small operators are read as fast as a large one where each fetches of the next.
  const Op* const next = index + 1 < problem.count ? &problem.operator_at(index + 1) : nullptr;
  const D distance = problem.distance(index);
  const T* const x = problem.x + signal * problem.unknowns;
  const T* const y =
      problem.data_of(index, signal, static_cast<std::int64_t>(op.range_size())) + begin;
  std::array<T, most_rows_at_once> u, r;
  if constexpr (Wanted == Quantity::value &&
                requires { op.apply_rows_alone(begin, end, x, u.data()); })
    op.apply_rows_alone(begin, end, x, u.data());
  else if constexpr (requires { op.apply_rows(begin, end, x, u.data(), next); })
    op.apply_rows(begin, end, x, u.data(), next);
  else
    op.apply_rows(begin, end, x, u.data());
  const PartialSum sum = sum_in_lanes(
      0, static_cast<std::int64_t>(end - begin),
      [&](std::int64_t i, double& value, double& outside) {
        r[static_cast<std::size_t>(i)] = evaluate_entry<Wanted, D, T>(
            distance, static_cast<std::int64_t>(begin) + i, u[static_cast<std::size_t>(i)], y[i],
            static_cast<Real<T>>(problem.factor), value, outside);
      });
  if constexpr (Wanted != Quantity::value) {
    if constexpr (requires { op.add_adjoint_rows(begin, end, r.data(), gradient, next); })
      op.add_adjoint_rows(begin, end, r.data(), gradient, next);
    else
      op.add_adjoint_rows(begin, end, r.data(), gradient);
  }
  return sum;
}

/// One piece of the rows, for all signals, which share what is read of the operators.
template <Quantity Wanted, typename Op, typename D, typename T>
void sweep_piece(const LocalProblem<Op, D, T, T>& problem, const RowPlan& plan, std::size_t p,
                 T* vectors, PartialSum* sums, std::int64_t sums_per_signal) {
  const RowPlan::Piece& piece = plan.pieces()[p];
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    sums[b * sums_per_signal + static_cast<std::int64_t>(p)] = {};
    if constexpr (Wanted != Quantity::value)
      std::fill_n(vector_of_piece(vectors, plan, piece, b), piece.end_column - piece.first_column,
                  T(0));
  }
  plan.for_parts(piece, [&](std::size_t k, std::size_t begin, std::size_t end) {
    const std::size_t step = std::min(
        most_rows_at_once,
        static_cast<std::size_t>(problem.operator_at(static_cast<std::int64_t>(k)).rows_at_once()));
    for (std::size_t i = begin; i < end; i += step)
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        T* const vector = Wanted == Quantity::value
                              ? nullptr
                              : vector_of_piece(vectors, plan, piece, b) - piece.first_column;
        sums[b * sums_per_signal + static_cast<std::int64_t>(p)] +=
            sweep_rows<Wanted>(problem, k, i, std::min(i + step, end), b, vector);
      }
  });
}

/// gradient = 0 · x + the vectors of all pieces in their order, for the columns of one tile.
template <Quantity Wanted, typename Op, typename D, typename T>
PartialSum finish_columns(const LocalProblem<Op, D, T, T>& problem, const RowPlan& plan,
                          const T* vectors, std::int64_t signal, std::int64_t begin,
                          std::int64_t end) {
  const T* const x = problem.x + signal * problem.unknowns;
  T* const gradient =
      Wanted == Quantity::value ? nullptr : problem.gradient + signal * problem.unknowns;
  const PartialSum sum = sum_in_lanes(begin, end, [=](std::int64_t j, double& value, double&) {
    const T x_j = x[j];
    value += zero_or_nan(x_j);
    if constexpr (Wanted != Quantity::value) gradient[j] = static_cast<Real<T>>(0) * x_j;
  });
  if constexpr (Wanted != Quantity::value) add_vectors(plan, vectors, signal, begin, end, gradient);
  return sum;
}

/// How many sums a sweep by rows makes for each signal.
inline std::int64_t row_sums(const RowPlan& plan, std::int64_t unknowns) {
  return static_cast<std::int64_t>(plan.pieces().size()) +
         Tiles(static_cast<std::size_t>(unknowns)).count;
}

/// The sums and the gradient of all operators of `problem`. Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T>
void sweep_by_rows(const Exec& exec, const LocalProblem<Op, D, T, T>& problem, const RowPlan& plan,
                   Workspace& workspace, PartialSum* sums) {
  const auto pieces = static_cast<std::int64_t>(plan.pieces().size());
  const std::int64_t per_signal = row_sums(plan, problem.unknowns);
  T* vectors = nullptr;
  if constexpr (Wanted != Quantity::value)
    vectors = workspace
                  .get<T, typename Exec::memory_space>(
                      static_cast<std::size_t>(problem.batch) * plan.private_entries(),
                      "misfit::DistributedDataFidelity::rows")
                  .data();
  for_indices(exec, "misfit::DistributedDataFidelity::rows", static_cast<std::size_t>(pieces),
              [=, &plan](const std::int64_t p) {
                sweep_piece<Wanted>(problem, plan, static_cast<std::size_t>(p), vectors, sums,
                                    per_signal);
              });
  const Tiles tiles(static_cast<std::size_t>(problem.unknowns));
  for_indices(
      exec, "misfit::DistributedDataFidelity::add_rows",
      static_cast<std::size_t>(problem.batch * tiles.count), [=, &plan](const std::int64_t item) {
        const std::int64_t signal = item / tiles.count, t = item % tiles.count;
        sums[signal * per_signal + pieces + t] =
            finish_columns<Wanted>(problem, plan, vectors, signal, tiles.begin(t), tiles.end(t));
      });
}

}  // namespace misfit::detail
