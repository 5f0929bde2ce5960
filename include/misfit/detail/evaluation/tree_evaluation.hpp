// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// This rank's part of a data fidelity whose sum over operators is taken in the order of a SumTree:
// operators one by one, each as if a rank had it alone.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/sum_tree.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/evaluation/tree_sweep.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace misfit::detail {

/// The operators of this rank, one by one. On a CPU and a GPU alike; an operator at a time keeps
/// what an addition to others would round: with fused multiplication and addition even g += a r is
/// another number than g + (a r).
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
struct TreeEvaluation {
  using Space = typename Exec::memory_space;
  static constexpr bool has_gradient = Wanted != Quantity::value;
  static constexpr bool in_tiles =
      in_cpu_form<Exec> && SeparableDistance<D, U> && PointwiseOperator<Op, T, U>;

  /// Sets values[i · B + b] to the value of term i, of this rank, and signal b; and the packed
  /// signals of `vectors`, one behind the other, to the gradients of `nodes`. Blocks. Throws as
  /// LocalEvaluation::run().
  void run(std::span<const SumNode> nodes, T* vectors, double* values) {
    if constexpr (in_tiles) return sweep(nodes, vectors, values);
    const TreeNodeSum<Exec, T> sum{exec, tree, halves, static_cast<std::size_t>(entries())};
    const auto take = [&](int i, T* gradient) { take_operator(i, gradient, values); };
    for (const SumNode& node : nodes) {
      sum.take(node, vectors, std::ref(take));
      if constexpr (has_gradient) vectors += entries();
    }
  }

  void sweep(std::span<const SumNode> nodes, T* vectors, double* values) {
    require_pointwise(problem, indices, context);
    using Sweep = TreeSweep<Wanted, Op, D, T, U>;
    const std::int64_t tiles = Sweep::tiles_of(problem.unknowns);
    const std::int64_t of_operators = problem.batch * problem.count;
    const Sums sums = reserve_sums<Exec>(memory, tiles, of_operators);
    std::vector<OwnNode> own;
    for (const SumNode& node : nodes) own.push_back({node, position_of(node.begin)});
    for_indices(exec, "misfit::DistributedDataFidelity::pointwise_tree",
                static_cast<std::size_t>(tiles * problem.batch),
                Sweep{problem, tree, own, vectors, sums.first});
    fence(exec, "misfit::DistributedDataFidelity: sums and gradient are ready");
    for (std::int64_t k = 0; k < problem.count; ++k)
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        const auto sum = sum_up(sums.first + (b * problem.count + k) * tiles, tiles);
        if (sum.outside > 0)
          throw_first_outside(exec, problem, memory, context, indices, sum.outside);
        values[terms[static_cast<std::size_t>(k)] * problem.batch + b] = problem.factor * sum.value;
      }
  }

  std::int64_t position_of(int i) const {
    return std::lower_bound(terms.begin(), terms.end(), i) - terms.begin();
  }
  std::int64_t entries() const { return problem.batch * problem.unknowns; }

  void take_operator(int i, T* gradient, double* values) {
    const std::int64_t k = position_of(i);
    const auto at = static_cast<std::size_t>(problem.place(k));
    own_index[0] = indices[at];
    const RowPlan none;
    const LocalProblem<Op, D, T, U> alone = problem.only(k, gradient);
    const RowPlan& rows = row_plans.empty() ? none : row_plans[at];
    LocalEvaluation<Wanted, Exec, Op, D, T, U>{exec,      alone,  rows,   prepared,
                                               own_index, memory, context}
        .run(values + i * problem.batch);
    context.operator_index = -1;
  }

  const Exec& exec;
  const LocalProblem<Op, D, T, U>& problem;
  const SumTree& tree;
  const std::vector<int>& terms;  ///< of the tree that are operators of the problem, ascending
  const std::vector<RowPlan>& row_plans;  ///< of the rank's operators, each alone
  PreparedData& prepared;
  const std::vector<int>& indices;  ///< of this rank's operators
  EvaluationMemory& memory;
  std::vector<Workspace>& halves;
  ErrorContext& context;
  std::vector<int> own_index{-1};
};

}  // namespace misfit::detail
