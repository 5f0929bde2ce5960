// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The operators of a rank one after the other.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/squared_norms.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// The operators one after the other, each in passes of its own where it has them, else in three:
/// A_i x, the distance, the adjoint.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
struct InPasses {
  using Space = typename Exec::memory_space;
  using Problem = LocalProblem<Op, D, T, U>;
  static constexpr bool fused = FusedOperator<Op, D, T, U, Exec>;
  static constexpr bool starting = StartingOperator<Op, D, T, U, Exec>;
  /// Whether there may be threads, each of which can take operators of its own.
  static constexpr bool side_by_side = fused && !is_serial<Kokkos::DefaultHostExecutionSpace> &&
                                       requires(const Op& op) { op.fits_one_core(); };

  /// The sums of all operators. Asynchronous on `exec`, unless a distance is not separable: then
  /// its values go to `values`.
  Sums run(EvaluationMemory& memory, ErrorContext& context, const std::vector<int>& indices,
           double* values) const {
    const std::int64_t starts = sums_of_start();
    const Sums sums = reserve(memory);
    const auto measurement = measurement_in(memory);
    if constexpr (!starting) start<Wanted>(exec, problem, sums);
    const double* const squares = squares_for_rounding(exec, problem, memory.squares);
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      PartialSum* next = sums.first + b * sums.slots + starts;
      if constexpr (side_by_side)
        if (go_side_by_side()) {
          evaluate_side_by_side(b, next);
          continue;
        }
      for (std::int64_t k = 0; k < problem.count; ++k) {
        context.operator_index = indices[static_cast<std::size_t>(problem.place(k))];
        if constexpr (fused)
          next += evaluate_fused(b, k, next);
        else
          next += evaluate_in_three(b, k, measurement.data(),
                                    squares == nullptr ? nullptr : squares + b, next, values + b);
      }
    }
    context.operator_index = -1;
    return sums;
  }

  /// Takes the memory that run() needs.
  Sums reserve(EvaluationMemory& memory) const {
    measurement_in(memory);
    if constexpr (allows_for_rounding<Op, D, U, Exec>)
      memory.squares.get<double, Space>(static_cast<std::size_t>(problem.batch),
                                        "misfit::squared_norms");
    return reserve_sums<Exec>(memory, sums_of_start() + sums_of_operators(), problem.batch);
  }
  std::int64_t sums_of_start() const {
    return starting ? 0 : Tiles(static_cast<std::size_t>(problem.unknowns)).count;
  }
  Vector<U, Space> measurement_in(EvaluationMemory& memory) const {
    return memory.measurement.get<U, Space>(fused ? 0 : largest_range(),
                                            "misfit::DistributedDataFidelity::workspace");
  }

  Vector<const T, Space> x_of(std::int64_t b) const {
    return Vector<const T, Space>(problem.x + b * problem.unknowns,
                                  static_cast<std::size_t>(problem.unknowns));
  }
  Vector<T, Space> gradient_of(std::int64_t b) const {
    if constexpr (Wanted == Quantity::value)
      return {};
    else
      return Vector<T, Space>(problem.gradient + b * problem.unknowns,
                              static_cast<std::size_t>(problem.unknowns));
  }
  Vector<const U, Space> data_of(std::int64_t b, std::int64_t k) const {
    const std::size_t m = problem.operator_at(k).range_size();
    return Vector<const U, Space>(problem.data_of(k, b, static_cast<std::int64_t>(m)), m);
  }

  std::size_t largest_range() const {
    std::size_t largest = 0;
    for (std::int64_t k = 0; k < problem.count; ++k)
      largest = std::max<std::size_t>(largest, problem.operator_at(k).range_size());
    return largest;
  }

  /// How many sums all operators leave for one signal.
  std::int64_t sums_of_operators() const {
    std::int64_t sums = 0;
    for (std::int64_t k = 0; k < problem.count; ++k)
      if constexpr (fused)
        sums += static_cast<std::int64_t>(problem.operator_at(k).partial_sums(problem.distance(k)));
      else if constexpr (SeparableDistance<D, U>)
        sums += Tiles(problem.operator_at(k).range_size()).count;
    return sums;
  }

  /// Operator k of signal b, in passes of its own. Returns how many sums it left at `sums`.
  std::int64_t evaluate_fused(std::int64_t b, std::int64_t k, PartialSum* sums) const {
    const Op& op = problem.operator_at(k);
    const D& distance = problem.distance(k);
    const auto x = x_of(b);
    const auto data = prepared.of(exec, op, data_of(b, k), problem.slot(k, b));
    const Vector<PartialSum, Space> own(sums, op.partial_sums(distance));
    if constexpr (Wanted == Quantity::value) {
      op.fused_fn(exec, distance, x, data, own);
    } else {
      bool begins = false;
      if constexpr (starting) begins = k == 0;
      if constexpr (starting)
        if (begins)
          op.fused_fn_and_set_grad(exec, distance, x, data, problem.factor, gradient_of(b), own);
      if (!begins)
        op.fused_fn_and_grad(exec, distance, x, data, problem.factor, gradient_of(b), own);
    }
    return static_cast<std::int64_t>(own.extent(0));
  }

  /// Not by the number of threads, on which bits would then depend.
  bool go_side_by_side() const {
    if (problem.count < 2) return false;
    const Op& first = problem.operator_at(0);
    for (std::int64_t k = 1; k < problem.count; ++k)
      if (problem.operator_at(k).transform() != first.transform()) return false;
    return first.fits_one_core();
  }

  /// All operators of signal b, each by one thread. They leave the sums of evaluate_fused().
  void evaluate_side_by_side(std::int64_t b, PartialSum* sums) const {
    const auto& first = problem.operator_at(0).term_maker();
    using Term = typename std::remove_cvref_t<decltype(first)>::template Term<D>;
    const auto of_one = static_cast<std::int64_t>(first.partial_sums(problem.distance(0)));
    const auto m = static_cast<std::int64_t>(first.range_size());
    const auto term = [all = problem, b, m, sums, of_one](std::int64_t k) -> Term {
      return {&all.operator_at(k).term_maker(), &all.distance(k), all.data_of(k, b, m),
              sums + k * of_one};
    };
    first.template evaluate_side_by_side<Wanted>(exec, term, problem.count, x_of(b), problem.factor,
                                                 gradient_of(b));
  }

  /// The same of any operator, with u = A_k x in `measurement`; `square` is ‖x‖₂² where the
  /// distance allows for rounding. A distance that is not separable adds to `value` instead.
  std::int64_t evaluate_in_three(std::int64_t b, std::int64_t k, U* measurement,
                                 const double* square, PartialSum* sums, double* value_of_b) const {
    const Op& op = problem.operator_at(k);
    const auto x = x_of(b);
    const auto y = data_of(b, k);
    const std::size_t m = y.extent(0);
    const Vector<U, Space> u(measurement, m);
    const Vector<const U, Space> predicted = u;
    op.apply(exec, x, u);
    const auto& distance = with_rounding_of(exec, op, problem.distance(k), square, u, y);
    std::int64_t left = 0;
    if constexpr (SeparableDistance<D, U>) {
      using Entry = DistanceEntry<Wanted, std::remove_cvref_t<decltype(distance)>,
                                  decltype(predicted), decltype(y), decltype(u)>;
      const Tiles tiles(m);
      sum_tiles(exec, "misfit::DistributedDataFidelity::distance", tiles,
                Entry{distance, predicted, y, u, static_cast<Real<U>>(problem.factor)}, sums);
      left = tiles.count;
    } else if constexpr (Wanted == Quantity::value) {
      *value_of_b += problem.factor * value(exec, distance, predicted, y);
    } else if constexpr (Wanted == Quantity::gradient) {
      misfit::gradient(exec, distance, predicted, y, u, problem.factor);
    } else {
      *value_of_b +=
          problem.factor * value_and_gradient(exec, distance, predicted, y, u, problem.factor);
    }
    if constexpr (Wanted != Quantity::value) add_vjp_of(op, exec, x, predicted, gradient_of(b));
    return left;
  }

  const Exec& exec;
  const Problem& problem;
  PreparedData& prepared;
};

}  // namespace misfit::detail
