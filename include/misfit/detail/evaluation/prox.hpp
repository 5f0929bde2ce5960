// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The proximal operator of a data fidelity: by conjugate gradients where all distances are
// quadratic, else on the dual problem.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/argument_types.hpp>
#include <misfit/detail/evaluation/check_arguments.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/dual_prox.hpp>
#include <misfit/detail/evaluation/fidelity_calls.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
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
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace misfit::detail {

/// A call of prox.
template <typename Exec, typename V, typename Y, typename Op, typename Result, typename D>
class ProxCall {
  using T = typename Result::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  using Space = typename Result::memory_space;
  using Ended = ResultFor<Packed<Result>>;
  using Prox = ProxOfDistance<D, Y, Exec>;
  static constexpr bool written_as_linear =
      LinearOperator<Op, T, U, Exec> || Linearized<Op, T, U, Exec>::linear_by_entries;

 public:
  ProxCall(const Exec& exec, const DistanceStack<D>& distances, double gamma, const V& v,
           const Y& y, const OperatorStack<Op>& operators, const Result& result,
           const SolverOptions& options)
      : exec_(exec),
        distances_(distances),
        gamma_(gamma),
        v_(v),
        y_(y),
        operators_(operators),
        result_(result),
        options_(options) {}

  Ended run() {
    const Region region("misfit::prox");
    double not_quadratic = 0;
    agree_on(operators_.calls(), "prox", options_,
             {"the fingerprint of gamma", fingerprint(&gamma_, sizeof(gamma_))},
             [&](ErrorContext& context) { not_quadratic = check(context); });
    if constexpr (always_quadratic<D> || !Prox::proximable) {
      return conjugate_gradients();  // check() has refused all others
    } else if constexpr (Prox::maybe_quadratic) {
      operators_.calls().sum(&not_quadratic, 1);
      return not_quadratic == 0 ? conjugate_gradients() : on_dual_problem();
    } else {
      return on_dual_problem();
    }
  }

 private:
  // Throws ArgumentError where these have no prox. Returns how many distances are not quadratic.
  double check(ErrorContext& context) const {
    positive(gamma_, "gamma");
    check_arguments(distances_, "v", v_, y_, operators_, "result", result_);
    if (v_.data() != result_.data()) require_apart("v", v_, "result", result_);
    int not_quadratic = 0;
    operators_.for_each_local(context, [&](std::size_t k, const Op& op) {
      if (!written_as_linear || !is_linear(op))
        throw ArgumentError("prox: the operator is not linear");
      if (is_quadratic(distances_[k])) return;
      ++not_quadratic;
      if constexpr (!Prox::proximable)
        throw ArgumentError("prox: the distance is not quadratic, and has no prox of its own");
    });
    return not_quadratic;
  }

  // Of (I + γ R A_i^H W_i A_i) x = v + γ R A_i^H W_i y_i.
  Ended conjugate_gradients() {
    Packed<typename V::const_type> start;
    Output<Result> solution;
    std::optional<ConjugateGradientsWorkspace<Packed<Result>>> workspace;
    operators_.calls().together({"prox", {}}, [&](ErrorContext&) {
      start = pack(exec_, v_, distances_.memory().packed_x);
      solution.take(result_, distances_.memory().packed_gradient);
      workspace.emplace(distances_.memory().solver.template get<T, Space>(
                            conjugate_gradients_vectors * result_.size(), workspace_label),
                        solution.signals);
      fill(exec_, T(0), all_signals(workspace->p));
    });

    // The right-hand side v − γ∇f(0), before v is overwritten should it be `result`.
    const auto rhs = all_signals(workspace->rhs);
    gradient(workspace->p, workspace->rhs, false);
    axpby(exec_, 1, all_signals(start), -gamma_, rhs);
    if (start.data() != solution.signals.data()) copy(exec_, all_signals(start), solution.entries);
    // NaN where the data are not finite, so that no finite answer is given for them.
    axpby(exec_, 0, rhs, 1, solution.entries);

    const auto apply = [&](const auto& p, const auto& q) {
      gradient(p, q, true);
      axpby(exec_, 1, all_signals(p), gamma_, all_signals(q));
    };
    auto ended = ConjugateGradients(exec_, operators_.domain_vectors(result_), *workspace,
                                    solution.signals, options_)
                     .solve(std::ref(apply));
    solution.give_back(exec_, result_);
    return ended;
  }

  // Of one signal after the other.
  Ended on_dual_problem() {
    Packed<typename V::const_type> start;
    Output<Result> solution;
    std::vector<SolverResult> ended;
    DualProx<Exec, T, Y, Op, D> dual(exec_, distances_, operators_, gamma_);
    operators_.calls().together(
        {"prox", {{"the number of signals", static_cast<std::int64_t>(batch_size(v_))}}},
        [&](ErrorContext& context) {
          start = pack(exec_, v_, distances_.memory().packed_x);
          solution.take(result_, distances_.memory().packed_gradient);
          dual.reserve(v_, y_, context);
          ended.resize(batch_size(v_));
        });
    for (std::size_t b = 0; b < ended.size(); ++b)
      ended[b] = dual.solve(signal(start, b), b, signal(solution.signals, b), options_);
    fence(exec_, "misfit::prox: the result is there");
    solution.give_back(exec_, result_);
    return solver_result<Packed<Result>>(std::move(ended));
  }

  template <typename P, typename Q>
  void gradient(const P& p, const Q& q, bool zero_data) const {
    evaluate<Quantity::gradient>(exec_, distances_, "misfit::prox", p, y_, operators_, q,
                                 Scope::global, zero_data);
  }

  static constexpr const char* workspace_label =
      "misfit::DistributedDataFidelity::solver_workspace";

  const Exec& exec_;
  const DistanceStack<D>& distances_;
  double gamma_;
  const V& v_;
  const Y& y_;
  const OperatorStack<Op>& operators_;
  const Result& result_;
  const SolverOptions& options_;
};

}  // namespace misfit::detail
