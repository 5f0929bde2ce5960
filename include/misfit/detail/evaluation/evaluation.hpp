// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/evaluation/check_arguments.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/in_tree_order.hpp>
#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/evaluation/selected_operators.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>
#include <misfit/subset.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace misfit::detail {

/// What the arguments of a call are called in its errors.
struct ArgumentNames {
  const char* x = "x";
  const char* y = "y";
  const char* gradient = "gradient";
  std::size_t signals_of_point = 0;  ///< as many must x have; 0: as many as it has
};

/// One call of a data fidelity: its arguments, this rank's part of the work, and what ranks
/// exchange.
template <Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G,
          typename D>
struct Evaluation {
  static constexpr Quantity wanted = Wanted;
  static constexpr bool has_gradient = Wanted != Quantity::value;
  using Execution = Exec;
  using Operators = Op;
  using Distance = D;
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;

  const Exec& exec;
  const DistanceStack<D>& distances;
  const char* region;
  const X& x;
  const Y& y;
  const OperatorStack<Op>& operators;
  const G& gradient;
  Scope scope;
  bool zero_data;
  ArgumentNames names = {};
  const Subset* subset = nullptr;  ///< null: all operators

  /// What a call makes of its arguments on the way.
  struct State {
    Packed<typename X::const_type> signals;
    Kokkos::View<DataOf<U>*, Kokkos::HostSpace> data;
    OutputOf<has_gradient, G> output;
    std::vector<double> values;
    std::span<double> sums;            ///< those that are wanted of all ranks
    std::vector<double> of_operators;  ///< values of each, where sums are reproducible
  };

  /// The values of all signals, of all ranks or, with Scope::local, of this one.
  std::vector<double> run() const {
    State state;
    TreeMemory* const tree = scope == Scope::global ? distances.tree_memory(terms()) : nullptr;
    if (tree != nullptr)
      InTreeOrder<Evaluation>{*this, *tree}.run(state);
    else if (operators.in_pieces())
      on_pieces(state);
    else
      on_replicated(state);
    if constexpr (has_gradient) state.output.give_back(exec, gradient);
    distances.count_pass(terms(), operators.size());
    return std::move(state.values);
  }

 private:
  friend InTreeOrder<Evaluation>;

  // How many operators the sum is over.
  int terms() const {
    return subset == nullptr ? operators.size() : static_cast<int>(subset->indices().size());
  }
  Call call() const {
    return Call(name_in(region),
                {{"n", operators.size()},
                 {"the number of unknowns", operators.agreed_unknowns(x)},
                 {"the number of signals", static_cast<std::int64_t>(batch_size(x))},
                 {"the tag of the scalar type", type_tag<X>()},
                 {"the reduction", static_cast<std::int64_t>(distances.reduction())},
                 {"the kind of sum, or the fingerprint of the subset",
                  subset == nullptr ? static_cast<std::int64_t>(distances.sum())
                                    : fingerprint_of(*subset, distances.sum())}});
  }

  void on_replicated(State& state) const {
    const auto work = [&](ErrorContext& context) {
      prepare(state, context);
      T* sum = nullptr;
      if constexpr (has_gradient) sum = state.output.entries.data();
      compute(state, state.signals.data(), sum, context);
    };
    const CollectiveCalls& calls = operators.calls();
    if (scope == Scope::local)
      calls.alone(call(), work);
    else if constexpr (has_gradient)
      calls.sum_together(exec, call(), work, state.sums, state.output.entries);
    else
      calls.sum_together(call(), work, state.sums);
  }

  // Ranks agree twice: before rows are sent, for a message of another size than is waited for is
  // lost, and when all have computed, before the ghost rows of the gradient are sent. Where ranks
  // apply operators together, they take all memory before: no rank waits in one that another, for
  // want of memory, does not come to.
  void on_pieces(State& state) const {
    const CollectiveCalls& calls = operators.calls();
    PieceCall<Exec, T> pieces(exec, operators.pieces(), batch_size(x));
    calls.together(call(), [&](ErrorContext& context) {
      prepare(state, context);
      pieces.pack_input(state.signals.data());
      if (operators.communicate()) {
        T* sum = nullptr;
        if constexpr (has_gradient) sum = state.output.entries.data();
        with_evaluation(state, state.signals.data(), sum, context,
                        [](const auto& evaluation) { evaluation.reserve(); });
      }
    });
    const auto work = [&](ErrorContext& context) {
      pieces.exchange();
      T* sum = nullptr;
      if constexpr (has_gradient) sum = pieces.output(state.output.entries);
      compute(state, pieces.input(), sum, context);
      if constexpr (has_gradient) pieces.pack_output();
    };
    calls.sum_together(call(), work, scope == Scope::local ? std::span<double>() : state.sums);
    if constexpr (has_gradient) pieces.sum();
  }

  void check() const {
    if (names.signals_of_point > 0) require_batch_of_point(names.x, x, names.signals_of_point);
    check_arguments(distances, names.x, x, y, operators, names.gradient, gradient);
    if constexpr (has_gradient) require_apart(names.x, x, names.gradient, gradient);
  }
  void prepare(State& state, ErrorContext& context) const {
    require_whole_measurements<D, U>(operators);
    if (distances.sum() == Sum::reproducible) operators.require_whole();
    check();
    if (subset != nullptr) select();
    state.values.assign(batch_size(x), 0.0);
    if constexpr (Wanted != Quantity::gradient) state.sums = state.values;
    state.signals = pack(exec, x, distances.memory().packed_x);
    state.data =
        check_data<U>(exec, distances, y, operators, batch_size(x), zero_data, context, names.y);
    if constexpr (has_gradient) state.output.take(gradient, distances.memory().packed_gradient);
  }

  void select() const {
    SelectedOperators& selected = operators.memory().selected;
    const auto& own = operators.local_operators();
    selected.select(*subset, operators.local_indices(), operators.size());
    if constexpr (requires(const Op& op) { op.rows_at_once(); })
      if (!selected.planned) {
        selected.rows = RowPlan(selected.places().size(), [&](std::size_t k) -> const Op& {
          return own[static_cast<std::size_t>(selected.places()[k])];
        });
        selected.planned = true;
      }
  }

  // This rank's operators, on packed signals of their domain.
  LocalProblem<Op, D, T, U> local_problem(const State& state, const T* signals, T* sum) const {
    const auto own = static_cast<std::int64_t>(operators.local_operators().size());
    const SelectedOperators& selected = operators.memory().selected;
    const bool some = subset != nullptr;
    return {.x = signals,
            .gradient = sum,
            .unknowns = static_cast<std::int64_t>(operators.local_domain_size(x)),
            .batch = static_cast<std::int64_t>(batch_size(x)),
            .operators = operators.local_operators().data(),
            .distances = distances.data(),
            .data = state.data.data(),
            .count = some ? static_cast<std::int64_t>(selected.places().size()) : own,
            .one_distance = distances.shared(),
            .zero_data = zero_data,
            .factor = distances.factor(operators.size()) * (some ? selected.scale() : 1.0),
            .operators_communicate = operators.communicate(),
            .of = own,
            .places = some ? selected.places().data() : nullptr};
  }
  // Calls work(evaluation) with what evaluates them.
  template <typename Work>
  void with_evaluation(const State& state, const T* signals, T* sum, ErrorContext& context,
                       const Work& work) const {
    const auto problem = local_problem(state, signals, sum);
    work(LocalEvaluation<Wanted, Exec, Op, D, T, U>{
        exec, problem, subset == nullptr ? operators.row_plan() : operators.memory().selected.rows,
        operators.prepared_data(), operators.local_indices(), distances.memory().evaluation,
        context});
  }
  void compute(State& state, const T* signals, T* sum, ErrorContext& context) const {
    with_evaluation(state, signals, sum, context,
                    [&](const auto& evaluation) { evaluation.run(state.values.data()); });
  }
};

}  // namespace misfit::detail
