// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/solvers/conjugate_gradients.hpp>
#include <misfit/detail/solvers/solver_options.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit {

template <typename D>
template <typename X, typename Y, typename Op, typename Output>
void DistributedDataFidelity<D>::check(const char* name, const X& x, const Y& y,
                                       const DistributedOperator<Op>& operators,
                                       const char* output_name, const Output& output) const {
  if (shared_ && distances_.empty())
    throw ArgumentError("this DistributedDataFidelity has no distance: it was moved from");
  const std::size_t n = operators.size() > 0 ? operators.domain_size() : detail::signal_size(x);
  detail::require_signals(name, x, detail::batch_size(x), n);
  operators.require_count(y);
  if (!shared_ && indices_ != operators.local_indices())
    throw ArgumentError("operators: not spread as those that the distances were made for");
  if constexpr (!std::is_same_v<Output, detail::NoOutput>) {
    detail::require_signals(output_name, output, detail::batch_size(x), n);
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k)
      detail::require_apart("y", operators.local_measurement(y, k), output_name, output);
  }
}

template <typename D>
template <typename U, typename Exec, typename Y, typename Op>
auto DistributedDataFidelity<D>::check_data(const Exec& exec, const Y& y,
                                            const DistributedOperator<Op>& operators,
                                            std::size_t batch, bool zero_data,
                                            detail::ErrorContext& context) const {
  using Space = typename MeasurementView<Y>::memory_space;
  const std::size_t count = operators.local_indices().size();
  const auto data = data_.get<detail::DataOf<U>, Kokkos::HostSpace>(
      count, "misfit::DistributedDataFidelity::data");
  const U* zeros = nullptr;
  if (zero_data) {
    const auto entries = zero_data_.get<U, typename Exec::memory_space>(
        operators.max_local_range_size(), "misfit::DistributedDataFidelity::zeros");
    Kokkos::deep_copy(exec, entries, U(0));
    zeros = entries.data();
  }
  std::size_t to_pack = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const int i = operators.local_indices()[k];
    context.operator_index = i;
    const auto& y_i = operators.local_measurement(y, k);
    // Zeros stand for it whatever its batch, of which a solver may have some signals left.
    detail::require_signals("y", y_i, zero_data ? detail::batch_size(y_i) : batch,
                            operators.range_size(i));
    if constexpr (requires { distance(k).require_size(operators.range_size(i)); })
      distance(k).require_size(operators.range_size(i));
    to_pack += zero_data ? 0 : detail::packing_size(y_i);
  }
  context.operator_index = -1;
  U* memory = nullptr;
  if (to_pack > 0)
    memory = packed_y_.get<U, Space>(to_pack, "misfit::DistributedDataFidelity::packed_y").data();
  for (std::size_t k = 0; k < count; ++k) {
    if (zero_data) {
      data(k) = {zeros};
      continue;
    }
    const auto& y_i = operators.local_measurement(y, k);
    data(k) = {detail::pack(exec, y_i, memory).data()};
    if (memory != nullptr) memory += detail::packing_size(y_i);
  }
  return data;
}

template <typename D>
template <detail::Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G>
auto DistributedDataFidelity<D>::evaluate(const Exec& exec, const char* region, const X& x,
                                          const Y& y, const DistributedOperator<Op>& operators,
                                          const G& gradient, Scope scope, bool zero_data) const {
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  const detail::Region in_profiles(region);
  const std::size_t batch = detail::batch_size(x);
  std::vector<double> values;
  std::span<double> sums;
  detail::OutputOf<Wanted != Quantity::value, G> output;

  const auto work = [&](detail::ErrorContext& context) {
    check("x", x, y, operators, "gradient", gradient);
    if constexpr (Wanted != Quantity::value) detail::require_apart("x", x, "gradient", gradient);
    values.assign(batch, 0.0);
    if constexpr (Wanted != Quantity::gradient) sums = values;
    const auto signals = detail::pack(exec, x, packed_x_);
    const auto data = check_data<U>(exec, y, operators, batch, zero_data, context);
    detail::LocalProblem<Op, D, T, U> problem{
        .x = signals.data(),
        .gradient = nullptr,
        .unknowns = static_cast<std::int64_t>(detail::signal_size(x)),
        .batch = static_cast<std::int64_t>(batch),
        .operators = operators.local_operators().data(),
        .distances = distances_.data(),
        .data = data.data(),
        .count = static_cast<std::int64_t>(operators.local_operators().size()),
        .one_distance = shared_,
        .zero_data = zero_data,
        .factor = reduction_ == Reduction::mean ? 1.0 / std::max(1, operators.size()) : 1.0};
    if constexpr (Wanted != Quantity::value) {
      output.take(gradient, packed_gradient_);
      problem.gradient = output.entries.data();
    }
    detail::evaluate_locally<Wanted>(exec, problem, operators.row_plan(), operators.prepared_data(),
                                     operators.local_indices(), memory_, context, values.data());
  };

  const detail::Call call(
      detail::name_in(region),
      {{"n", operators.size()},
       {"the number of unknowns", static_cast<std::int64_t>(detail::signal_size(x))},
       {"the number of signals", static_cast<std::int64_t>(batch)},
       {"the tag of the scalar type", detail::type_tag<X>()},
       {"the reduction", static_cast<std::int64_t>(reduction_)}});
  const Communicator& communicator = operators.communicator();
  if (scope == Scope::local)
    communicator.alone(call, work);
  else if constexpr (Wanted == Quantity::value)
    communicator.sum_together(call, work, sums);
  else
    communicator.sum_together(exec, call, work, sums, output.entries);
  if constexpr (Wanted != Quantity::value) output.give_back(exec, gradient);
  if constexpr (Wanted != Quantity::gradient) {
    if constexpr (detail::is_batch<X>)
      return values;
    else
      return values.front();
  }
}

template <typename D>
template <ExecutionSpace Exec, typename V, typename Y, typename Op, typename Result>
auto DistributedDataFidelity<D>::prox(const Exec& exec, double gamma, const V& v, const Y& y,
                                      const DistributedOperator<Op>& operators,
                                      const Result& result, SolverOptions options) const {
  using T = typename Result::non_const_value_type;
  using Space = typename Result::memory_space;
  static_assert(valid_input<Exec, V, Y, Op> && valid_gradient<Exec, V, Y, Op, Result>);
  detail::Packed<typename V::const_type> start;
  detail::Output<Result> solution;
  std::optional<detail::ConjugateGradientsWorkspace<detail::Packed<Result>>> workspace;
  detail::agree_on(operators.communicator(), "prox", options);
  operators.communicator().together(
      {"prox", {{"the fingerprint of gamma", detail::fingerprint(&gamma, sizeof(gamma))}}},
      [&](detail::ErrorContext& context) {
        detail::positive(gamma, "gamma");
        check("v", v, y, operators, "result", result);
        if (v.data() != result.data()) detail::require_apart("v", v, "result", result);
        for (std::size_t k = 0; k < operators.local_indices().size(); ++k) {
          context.operator_index = operators.local_indices()[k];
          if (!detail::is_linear_on<Exec, Vector<T, Space>>(operators.local_operator(k)))
            throw ArgumentError("prox: the operator is not linear");
          if (!is_quadratic(distance(k)))
            throw ArgumentError("prox: the distance is not quadratic (L2, WeightedL2, Zero)");
        }
        context.operator_index = -1;
        start = detail::pack(exec, v, packed_x_);
        solution.take(result, packed_gradient_);
        workspace.emplace(
            solver_workspace_.get<T, Space>(detail::conjugate_gradients_vectors * result.size(),
                                            "misfit::DistributedDataFidelity::solver_workspace"),
            solution.signals);
      });

  // The right-hand side v − γ∇f(0), before v is overwritten should it be `result`.
  constexpr const char* region = "misfit::prox";
  const auto rhs = detail::all_signals(workspace->rhs);
  Kokkos::deep_copy(exec, detail::all_signals(workspace->p), T(0));
  evaluate<Quantity::gradient>(exec, region, workspace->p, y, operators, workspace->rhs, Scope::global);
  detail::axpby(exec, 1, detail::all_signals(start), -gamma, rhs);
  if (start.data() != solution.signals.data())
    Kokkos::deep_copy(exec, solution.entries, detail::all_signals(start));

  const auto ended =
      detail::ConjugateGradients(exec, *workspace, solution.signals, options)
          .solve([&](const auto& p, const auto& q) {
            evaluate<Quantity::gradient>(exec, region, p, y, operators, q, Scope::global, true);
            detail::axpby(exec, 1, detail::all_signals(p), gamma, detail::all_signals(q));
          });
  solution.give_back(exec, result);
  return ended;
}

}  // namespace misfit
