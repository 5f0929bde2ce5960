// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls of a data fidelity: value, gradient and proximal operator over all ranks.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/check_arguments.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/evaluation.hpp>
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
#include <misfit/subset.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>

namespace misfit::detail {

/// See DistributedDataFidelity. `zero_data`: with every y_i replaced by 0, so that a quadratic
/// distance gives W_i A_i x.
template <Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G,
          typename D>
auto evaluate(const Exec& exec, const DistanceStack<D>& distances, const char* region, const X& x,
              const Y& y, const OperatorStack<Op>& operators, const G& gradient, Scope scope,
              bool zero_data = false, const ArgumentNames& names = {},
              const Subset* subset = nullptr) {
  const Region in_profiles(region);
  const Evaluation<Wanted, Exec, X, Y, Op, G, D> evaluation{
      exec, distances, region, x, y, operators, gradient, scope, zero_data, names, subset};
  const auto values = evaluation.run();
  if constexpr (Wanted != Quantity::gradient) {
    if constexpr (is_batch<X>)
      return values;
    else
      return values.front();
  }
}

/// Throws ArgumentError unless there is a prox of these, on this rank.
template <typename Exec, typename V, typename Y, typename Op, typename Result, typename D>
void require_prox(const DistanceStack<D>& distances, double gamma, const V& v, const Y& y,
                  const OperatorStack<Op>& operators, const Result& result, ErrorContext& context) {
  using In = Vector<typename Result::non_const_value_type, typename Result::memory_space>;
  positive(gamma, "gamma");
  check_arguments(distances, "v", v, y, operators, "result", result);
  if (v.data() != result.data()) require_apart("v", v, "result", result);
  operators.for_each_local(context, [&](std::size_t k, const Op& op) {
    if (!is_linear_on<Exec, In>(op)) throw ArgumentError("prox: the operator is not linear");
    if (!is_quadratic(distances[k]))
      throw ArgumentError("prox: the distance is not quadratic (L2, WeightedL2, Zero)");
  });
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
        require_prox<Exec>(distances, gamma, v, y, operators, result, context);
        start = pack(exec, v, distances.memory().packed_x);
        solution.take(result, distances.memory().packed_gradient);
        workspace.emplace(distances.memory().solver.template get<T, Space>(
                              conjugate_gradients_vectors * result.size(),
                              "misfit::DistributedDataFidelity::solver_workspace"),
                          solution.signals);
        Kokkos::deep_copy(exec, all_signals(workspace->p), T(0));
      });

  // The right-hand side v − γ∇f(0), before v is overwritten should it be `result`.
  constexpr const char* region = "misfit::prox";
  const auto rhs = all_signals(workspace->rhs);
  evaluate<Quantity::gradient>(exec, distances, region, workspace->p, y, operators, workspace->rhs,
                               Scope::global);
  axpby(exec, 1, all_signals(start), -gamma, rhs);
  if (start.data() != solution.signals.data())
    Kokkos::deep_copy(exec, solution.entries, all_signals(start));

  const auto apply = [&](const auto& p, const auto& q) {
    evaluate<Quantity::gradient>(exec, distances, region, p, y, operators, q, Scope::global, true);
    axpby(exec, 1, all_signals(p), gamma, all_signals(q));
  };
  const auto ended = ConjugateGradients(exec, operators.domain_vectors(result), *workspace,
                                        solution.signals, options)
                         .solve(std::ref(apply));
  solution.give_back(exec, result);
  return ended;
}

}  // namespace misfit::detail
