// SPDX-License-Identifier: BSD-3-Clause
#include "families/dense.hpp"
#include "families/sparse.hpp"
#include "scaling/scaling_problem.hpp"

#include <cstddef>

namespace misfit::bench {
namespace {

ProblemSizes matrix_sizes(const ScalingCase& c, std::size_t bytes_of_a_row) {
  const auto n = static_cast<std::size_t>(c.size);
  const std::size_t rows = n * growth_of(c);
  return {.image = Shape{n},
          .measured = rows,
          .entry_bytes = sizeof(double),
          .operator_bytes = rows * bytes_of_a_row,
          .cuttable = false};
}

}  // namespace

ProblemSizes dense_sizes(const ScalingCase& c) {
  return matrix_sizes(c, static_cast<std::size_t>(c.size) * sizeof(double));
}
ProblemSizes sparse_sizes(const ScalingCase& c) {
  return matrix_sizes(c, entries_in_a_row * (sizeof(double) + sizeof(int)) + sizeof(int));
}

ScalingProblem dense_matrices(const ScalingCase& c, int operators) {
  using P = DenseMatrices<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    return in_parts<P>(DistributedOperator(
        MPI_COMM_WORLD, split_of(operators, n * growth_of(c)), [n](int i, const Rows& rows) {
          const auto seed = 10 + static_cast<unsigned>(i) + 1000 * rows.begin;
          return Dense{random_matrix<double>(rows.size(), n, seed)};
        }));
  };
  return scaling_problem<double>(make(), n, dense_sizes(c),
                                 [](const auto& p, Call, double count) { return p.bytes(count); });
}

ScalingProblem sparse_matrices(const ScalingCase& c, int operators) {
  using P = SparseMatrices<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    return in_parts<P>(DistributedOperator(
        MPI_COMM_WORLD, split_of(operators, n * growth_of(c)), [n](int i, const Rows& rows) {
          const auto seed = 10 + 2 * static_cast<unsigned>(i) + 1000 * rows.begin;
          const auto a = banded_random<double>(n, seed, rows);
          return Sparse(a.row_map, a.columns, a.values, n);
        }));
  };
  return scaling_problem<double>(
      make(), n, sparse_sizes(c),
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

}  // namespace misfit::bench
