// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// This rank's part of a data fidelity: asynchronous passes that leave sums, in the form that fits
// the operators, and one synchronisation that reads them.

#include <misfit/concepts.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/in_one_transform.hpp>
#include <misfit/detail/evaluation/in_passes.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/pointwise_sweep.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/row_sweep.hpp>
#include <misfit/detail/evaluation/squared_norms.hpp>
#include <misfit/detail/evaluation/team_row_sweep.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Throws the DomainError of the first operator that has entries without a gradient. Blocks.
template <typename Exec, typename Op, typename D, typename T, typename U>
[[noreturn]] void throw_first_outside(const Exec& exec, const LocalProblem<Op, D, T, U>& problem,
                                      EvaluationMemory& memory, ErrorContext& context,
                                      const std::vector<int>& indices, double count) {
  using Space = typename Exec::memory_space;
  // Other ranks, where nothing is outside, would not apply theirs.
  if (problem.operators_communicate) throw_outside(count);
  const double* const squares = squares_for_rounding(exec, problem, memory.squares);
  if constexpr (DifferentiableDistance<D, U, Exec>)
    for (std::int64_t k = 0; k < problem.count; ++k) {
      context.operator_index = indices[static_cast<std::size_t>(problem.place(k))];
      const Op& op = problem.operator_at(k);
      const std::size_t m = op.range_size();
      const auto u =
          memory.measurement.get<U, Space>(m, "misfit::DistributedDataFidelity::workspace");
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        op.apply(exec,
                 Vector<const T, Space>(problem.x + b * problem.unknowns,
                                        static_cast<std::size_t>(problem.unknowns)),
                 u);
        const Vector<const U, Space> y(problem.data_of(k, b, static_cast<std::int64_t>(m)), m);
        const auto& allowing = with_rounding_of(exec, op, problem.distance(k),
                                                squares == nullptr ? nullptr : squares + b, u, y);
        misfit::gradient(exec, allowing, Vector<const U, Space>(u), y, u);
      }
    }
  context.operator_index = -1;
  throw_outside(count);
}

/// Throws ArgumentError unless the operators have as many entries in their ranges as in their
/// domain.
template <typename Op, typename D, typename T, typename U>
void require_pointwise(const LocalProblem<Op, D, T, U>& problem, const std::vector<int>& indices,
                       ErrorContext& context) {
  for (std::int64_t k = 0; k < problem.count; ++k) {
    context.operator_index = indices[static_cast<std::size_t>(problem.place(k))];
    if (static_cast<std::int64_t>(problem.operator_at(k).range_size()) != problem.unknowns)
      throw ArgumentError("the operator is pointwise, but its range and domain differ in size");
  }
  context.operator_index = -1;
}

/// This rank's part of a call, in the form that fits the operators.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
struct LocalEvaluation {
  static constexpr bool separable = SeparableDistance<D, U>;
  static constexpr bool pointwise = separable && PointwiseOperator<Op, T, U>;
  static constexpr bool rowwise =
      separable && std::is_same_v<T, U> && in_cpu_form<Exec> && RowwiseOperator<Op, T>;
  static constexpr bool by_teams =
      separable && std::is_same_v<T, U> && !in_cpu_form<Exec> && TeamMatrixOperator<Op, T>;

  /// Takes the memory that run() needs where operators are applied one after the other.
  void reserve() const {
    const auto batch = static_cast<std::size_t>(problem.batch);
    totals_in(batch);
    if constexpr (!in_cpu_form<Exec>)
      memory.totals_on_device.get<PartialSum, typename Exec::memory_space>(
          batch, "misfit::DistributedDataFidelity::totals");
    if constexpr (!pointwise)
      InPasses<Wanted, Exec, Op, D, T, U>{exec, problem, prepared}.reserve(memory);
  }

  /// Sets values[b] to this rank's value of signal b, and the gradient to its part of the gradient.
  /// Blocks, once unless a distance is not separable. Throws DomainError where there is no
  /// gradient.
  void run(double* values) const {
    const auto batch = static_cast<std::size_t>(problem.batch);
    std::fill_n(values, batch, 0.0);
    const Sums sums = sum_up_operators(values);
    const auto totals = totals_in(batch);
    total(exec, sums.first, sums.slots, problem.batch, memory.totals_on_device, totals.data());
    for (std::size_t b = 0; b < batch; ++b) {
      if (totals(b).outside > 0)
        throw_first_outside(exec, problem, memory, context, indices, totals(b).outside);
      values[b] += problem.factor * totals(b).value;
    }
  }

  auto totals_in(std::size_t batch) const {
    return memory.totals.get<PartialSum, Kokkos::HostSpace>(
        batch, "misfit::DistributedDataFidelity::totals");
  }

  Sums sum_up_operators(double* values) const {
    if (problem.count == 0) return of_nothing();
    if constexpr (pointwise) {
      return in_one_sweep();
    } else {
      if constexpr (rowwise)
        if (all_by_rows()) return by_rows();
      if constexpr (by_teams)
        if (const TeamRowPlan plan(problem); plan.small) return rows_by_teams(plan);
      const InPasses<Wanted, Exec, Op, D, T, U> passes{exec, problem, prepared};
      if constexpr (SharesSpectrum<Op, D, T, U, Exec>)
        if (InOneTransform<Wanted, Exec, Op, D, T, U>::fits(problem))
          return InOneTransform<Wanted, Exec, Op, D, T, U>{passes}.run(memory, context, indices);
      return passes.run(memory, context, indices, values);
    }
  }

  bool all_by_rows() const {
    for (std::int64_t k = 0; k < problem.count; ++k)
      if (problem.operator_at(k).rows_at_once() == 0) return false;
    return true;
  }

  Sums of_nothing() const {
    const std::int64_t slots = Tiles(static_cast<std::size_t>(problem.unknowns)).count;
    const Sums sums = reserve_sums<Exec>(memory, slots, problem.batch);
    start<Wanted>(exec, problem, sums);
    return sums;
  }

  Sums in_one_sweep() const {
    require_pointwise(problem, indices, context);
    const PointwisePlan plan(in_cpu_form<Exec>, sizeof(T), problem.unknowns, problem.batch,
                             problem.count);
    const Sums sums = reserve_sums<Exec>(memory, plan.groups * plan.tiles, problem.batch);
    auto there = reachable();
    there.operators =
        for_kernels(exec, memory.kernel_arguments[0], problem.operators, count_of_rank());
    sweep_pointwise<Wanted>(exec, there, plan, memory.partial_gradients, sums.first);
    return sums;
  }

  Sums rows_by_teams(const TeamRowPlan& plan) const {
    const Sums sums = reserve_sums<Exec>(memory, plan.groups, problem.batch);
    using Matrix = TeamMatrixOf<Op>;
    const auto count = static_cast<std::size_t>(problem.count);
    const auto matrices = memory.terms.get<Matrix, Kokkos::HostSpace>(
        count, "misfit::DistributedDataFidelity::terms");
    for (std::size_t k = 0; k < count; ++k)
      matrices(k) = problem.operator_at(static_cast<std::int64_t>(k)).team_matrix();
    sweep_rows_by_teams<Wanted>(
        exec, reachable(), for_kernels(exec, memory.kernel_arguments[0], matrices.data(), count),
        plan, memory.partial_gradients, sums.first);
    return sums;
  }

  std::size_t count_of_rank() const {
    return static_cast<std::size_t>(problem.places == nullptr ? problem.count : problem.of);
  }

  /// The problem with distances and data where kernels can read them.
  LocalProblem<Op, D, T, U> reachable() const {
    const std::size_t count = count_of_rank();
    auto there = problem;
    there.distances = for_kernels(exec, memory.kernel_arguments[1], problem.distances,
                                  problem.one_distance ? 1 : count);
    there.data = for_kernels(exec, memory.kernel_arguments[2], problem.data, count);
    if (problem.places != nullptr)
      there.places = for_kernels(exec, memory.kernel_arguments[3], problem.places,
                                 static_cast<std::size_t>(problem.count));
    return there;
  }

  Sums by_rows() const {
    const Sums sums =
        reserve_sums<Exec>(memory, row_sums(row_plan, problem.unknowns), problem.batch);
    sweep_by_rows<Wanted>(exec, problem, row_plan, memory.partial_gradients, sums.first);
    return sums;
  }

  const Exec& exec;
  const LocalProblem<Op, D, T, U>& problem;
  const RowPlan& row_plan;
  PreparedData& prepared;
  const std::vector<int>& indices;  ///< of this rank's operators
  EvaluationMemory& memory;
  ErrorContext& context;
};

}  // namespace misfit::detail
