// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// This rank's part of a data fidelity: asynchronous passes that leave sums, in the form that fits
// the operators, and one synchronisation that reads them.

#include <misfit/concepts.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/pointwise_sweep.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/row_sweep.hpp>
#include <misfit/detail/evaluation/squared_norms.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/sums/blas1.hpp>
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

/// What the passes need of memory, kept between calls.
struct EvaluationMemory {
  Workspace measurement, partial_gradients, sums, totals, totals_on_device, squares;
  Workspace kernel_arguments[3];
};

/// `count` entries at `values`, in host memory, where kernels of `Exec` can read them.
template <typename Exec, typename T>
const T* for_kernels(const Exec& exec, Workspace& memory, const T* values, std::size_t count) {
  if constexpr (in_cpu_form<Exec>) {
    return values;
  } else {
    const std::size_t bytes = count * sizeof(T);
    const auto copy = memory.get<char, typename Exec::memory_space>(bytes, "misfit::for_kernels");
    const Kokkos::View<const char*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>
        source(reinterpret_cast<const char*>(values), bytes);
    Kokkos::deep_copy(exec, copy, source);
    return reinterpret_cast<const T*>(copy.data());
  }
}

/// Sets totals[b], in host memory, to the sum of the `slots` sums of signal b. Blocks.
template <typename Exec>
void total(const Exec& exec, const PartialSum* sums, std::int64_t slots, std::int64_t batch,
           Workspace& memory, PartialSum* totals) {
  if constexpr (in_cpu_form<Exec>) {
    fence(exec, "misfit::DistributedDataFidelity: sums and gradient are ready");
    for (std::int64_t b = 0; b < batch; ++b) totals[b] = sum_up(sums + b * slots, slots);
  } else {
    const auto n = static_cast<std::size_t>(batch);
    const auto device = memory.get<PartialSum, typename Exec::memory_space>(
        n, "misfit::DistributedDataFidelity::totals");
    Kokkos::parallel_for(
        "misfit::DistributedDataFidelity::total",
        Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(batch), team_size<Exec>),
        KOKKOS_LAMBDA(const typename Kokkos::TeamPolicy<Exec>::member_type& member) {
          const std::int64_t b = member.league_rank();
          const PartialSum* const own = sums + b * slots;
          sum_by_team(
              member, 0, slots,
              [=](std::int64_t k, double& value, double& outside) {
                value += own[k].value;
                outside += own[k].outside;
              },
              device(b));
        });
    Kokkos::deep_copy(
        exec,
        Kokkos::View<PartialSum*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(totals, n),
        device);
    fence(exec, "misfit::DistributedDataFidelity: sums and gradient are ready");
  }
}

/// One entry of a pass that starts the gradient with 0 · x, which is 0 where x is finite and NaN
/// where it is not, and sums x so.
template <Quantity Wanted, typename X, typename G>
struct ZeroTimes {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value, double&) const {
    value += zero_or_nan(x(j));
    if constexpr (Wanted != Quantity::value)
      gradient(j) = static_cast<Real<typename G::non_const_value_type>>(0) * x(j);
  }
  X x;
  G gradient;
};

/// Where the sums of all passes go: `slots` for each signal, one signal behind the other.
struct Sums {
  PartialSum* first = nullptr;
  std::int64_t slots = 0;
};

template <typename Exec>
Sums reserve_sums(EvaluationMemory& memory, std::int64_t slots, std::int64_t batch) {
  return {memory.sums
              .get<PartialSum, typename Exec::memory_space>(static_cast<std::size_t>(slots * batch),
                                                       "misfit::DistributedDataFidelity::sums")
              .data(),
          slots};
}

/// What a rank without operators adds: nothing, unless x is not finite. Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
void start(const Exec& exec, const LocalProblem<Op, D, T, U>& problem, const Sums& sums) {
  using Space = typename Exec::memory_space;
  const auto unknowns = static_cast<std::size_t>(problem.unknowns);
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const Vector<const T, Space> x(problem.x + b * problem.unknowns, unknowns);
    Vector<T, Space> gradient;
    if constexpr (Wanted != Quantity::value)
      gradient = Vector<T, Space>(problem.gradient + b * problem.unknowns, unknowns);
    sum_tiles(exec, "misfit::DistributedDataFidelity::start", Tiles(unknowns),
              ZeroTimes<Wanted, decltype(x), decltype(gradient)>{x, gradient},
              sums.first + b * sums.slots);
  }
}

/// The operators one after the other, each in passes of its own where it has them, else in three:
/// A_i x, the distance, the adjoint. Asynchronous on `exec`, unless a distance is not separable:
/// then its values go to `values`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
Sums evaluate_in_passes(const Exec& exec, const LocalProblem<Op, D, T, U>& problem,
                        PreparedData& prepared, EvaluationMemory& memory, ErrorContext& context,
                        const std::vector<int>& indices, double* values) {
  using Space = typename Exec::memory_space;
  constexpr bool fused = FusedOperator<Op, D, T, U, Exec>;
  constexpr bool starting = StartingOperator<Op, D, T, U, Exec>;
  const auto unknowns = static_cast<std::size_t>(problem.unknowns);
  const auto batch = static_cast<std::size_t>(problem.batch);
  std::size_t largest = 0;
  const std::int64_t starts = starting ? 0 : Tiles(unknowns).count;
  std::int64_t slots = starts;
  for (std::int64_t k = 0; k < problem.count; ++k) {
    const std::size_t m = problem.operators[k].range_size();
    largest = std::max(largest, m);
    if constexpr (fused)
      slots += static_cast<std::int64_t>(problem.operators[k].partial_sums(problem.distance(k)));
    else if constexpr (SeparableDistance<D, U>)
      slots += Tiles(m).count;
  }
  const Sums sums = reserve_sums<Exec>(memory, slots, problem.batch);
  const auto measurement = memory.measurement.get<U, Space>(
      fused ? 0 : largest, "misfit::DistributedDataFidelity::workspace");

  if constexpr (!starting) start<Wanted>(exec, problem, sums);
  const double* const squares = squares_for_rounding(exec, problem, memory.squares);
  for (std::size_t b = 0; b < batch; ++b) {
    const Vector<const T, Space> x(problem.x + b * unknowns, unknowns);
    Vector<T, Space> gradient;
    if constexpr (Wanted != Quantity::value)
      gradient = Vector<T, Space>(problem.gradient + b * unknowns, unknowns);
    PartialSum* next = sums.first + static_cast<std::int64_t>(b) * slots + starts;
    for (std::int64_t k = 0; k < problem.count; ++k) {
      context.operator_index = indices[static_cast<std::size_t>(k)];
      const Op& op = problem.operators[k];
      const D& distance = problem.distance(k);
      const std::size_t m = op.range_size();
      const Vector<const U, Space> y(
          problem.data_of(k, static_cast<std::int64_t>(b), static_cast<std::int64_t>(m)), m);
      if constexpr (fused) {
        const auto data = prepared.of(
            exec, op, y, b * static_cast<std::size_t>(problem.count) + static_cast<std::size_t>(k));
        const Vector<PartialSum, Space> own(next, op.partial_sums(distance));
        next += own.extent(0);
        if constexpr (Wanted == Quantity::value) {
          op.fused_fn(exec, distance, x, data, own);
          continue;
        } else if constexpr (starting) {
          if (k == 0) {
            op.fused_fn_and_set_grad(exec, distance, x, data, problem.factor, gradient, own);
            continue;
          }
        }
        if constexpr (Wanted != Quantity::value)
          op.fused_fn_and_grad(exec, distance, x, data, problem.factor, gradient, own);
        continue;
      }
      const Vector<U, Space> u(measurement.data(), m);
      const Vector<const U, Space> predicted = u;
      op.apply(exec, x, u);
      const auto& allowing =
          with_rounding_of(exec, op, distance, squares == nullptr ? nullptr : squares + b, u, y);
      if constexpr (SeparableDistance<D, U>) {
        using Entry = DistanceEntry<Wanted, std::remove_cvref_t<decltype(allowing)>,
                                    decltype(predicted), decltype(y), decltype(u)>;
        sum_tiles(exec, "misfit::DistributedDataFidelity::distance", Tiles(m),
                  Entry{allowing, predicted, y, u, static_cast<Real<U>>(problem.factor)}, next);
        next += Tiles(m).count;
      } else if constexpr (Wanted == Quantity::value) {
        values[b] += problem.factor * value(exec, allowing, predicted, y);
      } else if constexpr (Wanted == Quantity::gradient) {
        misfit::gradient(exec, allowing, predicted, y, u, problem.factor);
      } else {
        values[b] +=
            problem.factor * value_and_gradient(exec, allowing, predicted, y, u, problem.factor);
      }
      if constexpr (Wanted != Quantity::value) add_vjp_of(op, exec, x, predicted, gradient);
    }
  }
  context.operator_index = -1;
  return sums;
}

/// Throws the DomainError of the first operator that has entries without a gradient. Blocks.
template <typename Exec, typename Op, typename D, typename T, typename U>
[[noreturn]] void throw_first_outside(const Exec& exec, const LocalProblem<Op, D, T, U>& problem,
                                      EvaluationMemory& memory, ErrorContext& context,
                                      const std::vector<int>& indices, double count) {
  using Space = typename Exec::memory_space;
  const double* const squares = squares_for_rounding(exec, problem, memory.squares);
  if constexpr (DifferentiableDistance<D, U, Exec>)
    for (std::int64_t k = 0; k < problem.count; ++k) {
      context.operator_index = indices[static_cast<std::size_t>(k)];
      const Op& op = problem.operators[k];
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

/// Sets values[b] to this rank's value of signal b, and the gradient to its part of the gradient.
/// Blocks, once unless a distance is not separable. Throws DomainError where there is no gradient.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
void evaluate_locally(const Exec& exec, LocalProblem<Op, D, T, U> problem, const RowPlan& row_plan,
                      PreparedData& prepared, const std::vector<int>& indices,
                      EvaluationMemory& memory, ErrorContext& context, double* values) {
  constexpr bool separable = SeparableDistance<D, U>;
  const auto batch = static_cast<std::size_t>(problem.batch);
  const auto count = static_cast<std::size_t>(problem.count);
  Sums sums;
  std::fill_n(values, batch, 0.0);

  if (count == 0) {
    sums = reserve_sums<Exec>(memory, Tiles(static_cast<std::size_t>(problem.unknowns)).count,
                              problem.batch);
    start<Wanted>(exec, problem, sums);
  } else if constexpr (separable && PointwiseOperator<Op, T, U>) {
    for (std::size_t k = 0; k < count; ++k) {
      context.operator_index = indices[k];
      if (static_cast<std::int64_t>(problem.operators[k].range_size()) != problem.unknowns)
        throw ArgumentError("the operator is pointwise, but its range and domain differ in size");
    }
    context.operator_index = -1;
    const PointwisePlan plan(in_cpu_form<Exec>, sizeof(T), problem.unknowns, problem.batch,
                             problem.count);
    sums = reserve_sums<Exec>(memory, plan.groups * plan.tiles, problem.batch);
    auto reachable = problem;
    reachable.operators = for_kernels(exec, memory.kernel_arguments[0], problem.operators, count);
    reachable.distances = for_kernels(exec, memory.kernel_arguments[1], problem.distances,
                                      problem.one_distance ? 1 : count);
    reachable.data = for_kernels(exec, memory.kernel_arguments[2], problem.data, count);
    sweep_pointwise<Wanted>(exec, reachable, plan, memory.partial_gradients, sums.first);
  } else if constexpr (separable && std::is_same_v<T, U> && in_cpu_form<Exec> &&
                       RowwiseOperator<Op, T>) {
    const bool by_rows = std::all_of(problem.operators, problem.operators + problem.count,
                                     [](const Op& op) { return op.rows_at_once() > 0; });
    if (by_rows) {
      sums = reserve_sums<Exec>(memory, row_sums(row_plan, problem.unknowns), problem.batch);
      sweep_by_rows<Wanted>(exec, problem, row_plan, memory.partial_gradients, sums.first);
    } else {
      sums = evaluate_in_passes<Wanted>(exec, problem, prepared, memory, context, indices, values);
    }
  } else {
    sums = evaluate_in_passes<Wanted>(exec, problem, prepared, memory, context, indices, values);
  }

  const auto totals =
      memory.totals.get<PartialSum, Kokkos::HostSpace>(batch, "misfit::DistributedDataFidelity::totals");
  total(exec, sums.first, sums.slots, problem.batch, memory.totals_on_device, totals.data());
  for (std::size_t b = 0; b < batch; ++b) {
    if (totals(b).outside > 0)
      throw_first_outside(exec, problem, memory, context, indices, totals(b).outside);
    values[b] += problem.factor * totals(b).value;
  }
}

}  // namespace misfit::detail
