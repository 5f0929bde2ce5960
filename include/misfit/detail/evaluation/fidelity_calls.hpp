// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls of a data fidelity: value, gradient and proximal operator over all ranks.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/solvers/conjugate_gradients.hpp>
#include <misfit/detail/solvers/solver_options.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>
#include <misfit/solver.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Throws ArgumentError unless `x`, called `name`, `y` and `output`, called `output_name` if there
/// is one, fit the operators and each other.
template <typename X, typename Y, typename Op, typename Output, typename D>
void check_arguments(const DistanceStack<D>& distances, const char* name, const X& x, const Y& y,
                     const OperatorStack<Op>& operators, const char* output_name,
                     const Output& output) {
  distances.require_for(operators);
  const std::size_t n = operators.unknowns_for(x);
  require_signals(name, x, batch_size(x), n);
  operators.require_count(y);
  if constexpr (!std::is_same_v<Output, NoOutput>) {
    require_signals(output_name, output, batch_size(x), n);
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k)
      require_apart("y", operators.local_measurement(y, k), output_name, output);
  }
}

/// Where the measurements of this rank's operators lie, checked; valid until the next call.
template <typename U, typename Exec, typename Y, typename Op, typename D>
auto check_data(const Exec& exec, const DistanceStack<D>& distances, const Y& y,
                const OperatorStack<Op>& operators, std::size_t batch, bool zero_data,
                ErrorContext& context) {
  using Space = typename MeasurementView<Y>::memory_space;
  const std::size_t count = operators.local_indices().size();
  const auto data = distances.memory().data.template get<DataOf<U>, Kokkos::HostSpace>(
      count, "misfit::DistributedDataFidelity::data");
  const U* zeros = nullptr;
  if (zero_data) {
    const auto entries = distances.memory().zeros.template get<U, typename Exec::memory_space>(
        operators.max_local_range_size(), "misfit::DistributedDataFidelity::zeros");
    Kokkos::deep_copy(exec, entries, U(0));
    zeros = entries.data();
  }
  std::size_t to_pack = 0;
  operators.for_each_local(context, [&](std::size_t k, const Op&) {
    const std::size_t m = operators.range_size(operators.local_indices()[k]);
    const auto& y_i = operators.local_measurement(y, k);
    // Zeros stand for it whatever its batch, of which a solver may have some signals left.
    require_signals("y", y_i, zero_data ? batch_size(y_i) : batch, m);
    if constexpr (requires { distances[k].require_size(m); }) distances[k].require_size(m);
    to_pack += zero_data ? 0 : packing_size(y_i);
  });
  U* memory = nullptr;
  if (to_pack > 0)
    memory =
        distances.memory()
            .packed_y.template get<U, Space>(to_pack, "misfit::DistributedDataFidelity::packed_y")
            .data();
  for (std::size_t k = 0; k < count; ++k) {
    if (zero_data) {
      data(k) = {zeros};
      continue;
    }
    const auto& y_i = operators.local_measurement(y, k);
    data(k) = {pack(exec, y_i, memory).data()};
    if (memory != nullptr) memory += packing_size(y_i);
  }
  return data;
}

/// See DistributedDataFidelity. `zero_data`: with every y_i replaced by 0, so that a quadratic
/// distance gives W_i A_i x.
template <Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G,
          typename D>
auto evaluate(const Exec& exec, const DistanceStack<D>& distances, const char* region, const X& x,
              const Y& y, const OperatorStack<Op>& operators, const G& gradient, Scope scope,
              bool zero_data = false) {
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  const Region in_profiles(region);
  const std::size_t batch = batch_size(x);
  std::vector<double> values;
  std::span<double> sums;
  OutputOf<Wanted != Quantity::value, G> output;

  const auto work = [&](ErrorContext& context) {
    check_arguments(distances, "x", x, y, operators, "gradient", gradient);
    if constexpr (Wanted != Quantity::value) require_apart("x", x, "gradient", gradient);
    values.assign(batch, 0.0);
    if constexpr (Wanted != Quantity::gradient) sums = values;
    const auto signals = pack(exec, x, distances.memory().packed_x);
    const auto data = check_data<U>(exec, distances, y, operators, batch, zero_data, context);
    LocalProblem<Op, D, T, U> problem{
        .x = signals.data(),
        .gradient = nullptr,
        .unknowns = static_cast<std::int64_t>(signal_size(x)),
        .batch = static_cast<std::int64_t>(batch),
        .operators = operators.local_operators().data(),
        .distances = distances.data(),
        .data = data.data(),
        .count = static_cast<std::int64_t>(operators.local_operators().size()),
        .one_distance = distances.shared(),
        .zero_data = zero_data,
        .factor = distances.factor(operators.size())};
    if constexpr (Wanted != Quantity::value) {
      output.take(gradient, distances.memory().packed_gradient);
      problem.gradient = output.entries.data();
    }
    LocalEvaluation<Wanted, Exec, Op, D, T, U>{exec,
                                               problem,
                                               operators.row_plan(),
                                               operators.prepared_data(),
                                               operators.local_indices(),
                                               distances.memory().evaluation,
                                               context}
        .run(values.data());
  };

  const Call call(name_in(region),
                  {{"n", operators.size()},
                   {"the number of unknowns", static_cast<std::int64_t>(signal_size(x))},
                   {"the number of signals", static_cast<std::int64_t>(batch)},
                   {"the tag of the scalar type", type_tag<X>()},
                   {"the reduction", static_cast<std::int64_t>(distances.reduction())}});
  const CollectiveCalls& calls = operators.calls();
  if (scope == Scope::local)
    calls.alone(call, work);
  else if constexpr (Wanted == Quantity::value)
    calls.sum_together(call, work, sums);
  else
    calls.sum_together(exec, call, work, sums, output.entries);
  if constexpr (Wanted != Quantity::value) output.give_back(exec, gradient);
  if constexpr (Wanted != Quantity::gradient) {
    if constexpr (is_batch<X>)
      return values;
    else
      return values.front();
  }
}

/// See DistributedDataFidelity.
template <typename Exec, typename V, typename Y, typename Op, typename Result, typename D>
auto prox(const Exec& exec, const DistanceStack<D>& distances, double gamma, const V& v, const Y& y,
          const OperatorStack<Op>& operators, const Result& result, const SolverOptions& options) {
  using T = typename Result::non_const_value_type;
  using Space = typename Result::memory_space;
  Packed<typename V::const_type> start;
  Output<Result> solution;
  std::optional<ConjugateGradientsWorkspace<Packed<Result>>> workspace;
  agree_on(operators.calls(), "prox", options);
  operators.calls().together(
      {"prox", {{"the fingerprint of gamma", fingerprint(&gamma, sizeof(gamma))}}},
      [&](ErrorContext& context) {
        positive(gamma, "gamma");
        check_arguments(distances, "v", v, y, operators, "result", result);
        if (v.data() != result.data()) require_apart("v", v, "result", result);
        operators.for_each_local(context, [&](std::size_t k, const Op& op) {
          if (!is_linear_on<Exec, Vector<T, Space>>(op))
            throw ArgumentError("prox: the operator is not linear");
          if (!is_quadratic(distances[k]))
            throw ArgumentError("prox: the distance is not quadratic (L2, WeightedL2, Zero)");
        });
        start = pack(exec, v, distances.memory().packed_x);
        solution.take(result, distances.memory().packed_gradient);
        workspace.emplace(distances.memory().solver.template get<T, Space>(
                              conjugate_gradients_vectors * result.size(),
                              "misfit::DistributedDataFidelity::solver_workspace"),
                          solution.signals);
      });

  // The right-hand side v − γ∇f(0), before v is overwritten should it be `result`.
  constexpr const char* region = "misfit::prox";
  const auto rhs = all_signals(workspace->rhs);
  Kokkos::deep_copy(exec, all_signals(workspace->p), T(0));
  evaluate<Quantity::gradient>(exec, distances, region, workspace->p, y, operators, workspace->rhs,
                               Scope::global);
  axpby(exec, 1, all_signals(start), -gamma, rhs);
  if (start.data() != solution.signals.data())
    Kokkos::deep_copy(exec, solution.entries, all_signals(start));

  const auto ended = ConjugateGradients(exec, *workspace, solution.signals, options)
                         .solve([&](const auto& p, const auto& q) {
                           evaluate<Quantity::gradient>(exec, distances, region, p, y, operators, q,
                                                        Scope::global, true);
                           axpby(exec, 1, all_signals(p), gamma, all_signals(q));
                         });
  solution.give_back(exec, result);
  return ended;
}

}  // namespace misfit::detail
