// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/evaluation/operator_calls.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/solvers/conjugate_gradients.hpp>
#include <misfit/detail/solvers/lanczos.hpp>
#include <misfit/detail/solvers/solver_options.hpp>
#include <misfit/detail/solvers/tridiagonal.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/parameter.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>

namespace misfit::detail {

/// See DistributedOperator.
template <Scalar T, typename Exec, typename Op>
NormResult norm_squared(const Exec& exec, const OperatorStack<Op>& operators,
                        const SolverOptions& options) {
  using V = Vector<T, typename Exec::memory_space>;
  const Region region("misfit::norm_squared");
  const std::size_t n = operators.domain_size();
  V vectors[lanczos_vectors];
  Tridiagonal matrix;
  const std::size_t rows = 1024;  // at once
  agree_on(operators.calls(), "norm_squared", options, {}, [&](ErrorContext&) {
    const auto memory = operators.memory().solver.template get<T, typename Exec::memory_space>(
        lanczos_vectors * n, "misfit::DistributedOperator::solver_workspace");
    for (std::size_t k = 0; k < lanczos_vectors; ++k) vectors[k] = V(memory.data() + k * n, n);
    matrix.reserve(rows);
  });
  if (operators.agreed_unknowns(vectors[0]) == 0) return {.converged = true};
  const auto apply = [&](const V& v, const V& w) { normal(exec, operators, v, w, Scope::global); };
  const auto grow = [&] {
    operators.calls().together({"norm_squared", {}},
                               [&](ErrorContext&) { matrix.reserve(matrix.size() + rows); });
  };
  return Lanczos<Exec, V>(exec, operators.domain_vectors(vectors[0]), vectors, options)
      .run(matrix, std::ref(apply), std::ref(grow));
}

/// See DistributedOperator.
template <Scalar T, typename Exec, typename Op>
double norm_squared_bound(const Exec& exec, const OperatorStack<Op>& operators) {
  using Space = typename Exec::memory_space;
  using Diagonal = Vector<double, Space>;
  static_assert(HasMajorizer<Op, T, Exec>,
                "misfit: norm_squared_bound() needs linear operators that have "
                "`double norm_squared_bound() const`, or `add_majorizer(exec, d)`; see "
                "BoundedOperator");
  Diagonal d;
  const Call call("norm_squared_bound",
                  {{"the tag of the scalar type", type_tag<Vector<T, Space>>()}});
  operators.calls().together(call, [&](ErrorContext&) {
    d = operators.memory().solver.template get<double, Space>(
        operators.domain_size(), "misfit::DistributedOperator::solver_workspace");
  });
  Accumulation<Exec, NoSignals, Diagonal, Op>{
      exec, operators, "misfit::norm_squared_bound", {}, "d", d, Scope::global}
      .run([](ErrorContext&) {},
           [&](ErrorContext& context, NoSignals, const Diagonal& sum) {
             fill(exec, 0.0, sum);
             operators.for_each_local(
                 context, [&](std::size_t, const Op& op) { add_majorizer<T>(exec, op, sum); });
           });

  // Roundings: of sums in double over rows, columns and operators, each of positive numbers; and
  // of what operators do with the numbers that d was computed from, in the precision of T.
  const DomainVectors domain = operators.domain_vectors(d);
  const std::size_t n = static_cast<std::size_t>(operators.size());
  const std::size_t terms = domain.size() + std::max(n, operators.largest_range_size());
  const double rounding =
      64.0 * static_cast<double>(std::numeric_limits<Real<T>>::epsilon()) +
      2 * static_cast<double>(terms + n) * std::numeric_limits<double>::epsilon();
  double largest = std::numeric_limits<double>::infinity();
  const auto find_largest = [&] {
    if (domain.zero_or_nan(exec, d) == 0) largest = domain.largest(exec, d);
  };
  if (operators.in_pieces())
    find_largest();
  else  // Kokkos's first reduction takes memory
    operators.calls().together({"norm_squared_bound", {}}, [&](ErrorContext&) { find_largest(); });
  return (1 + rounding) * largest;
}

/// See DistributedOperator.
template <typename Exec, typename Op, typename Y, typename X>
auto least_squares(const Exec& exec, const OperatorStack<Op>& operators, const Y& y, const X& x,
                   const LeastSquaresOptions& options) {
  using T = typename X::non_const_value_type;
  const Region region("misfit::least_squares");
  const SolverOptions iteration{options.tolerance, options.max_iterations};
  const double lambda = options.tikhonov;
  Output<X> solution;
  std::optional<ConjugateGradientsWorkspace<Packed<X>>> workspace;
  agree_on(operators.calls(), "least_squares", iteration,
           {"the fingerprint of tikhonov", fingerprint(&lambda, sizeof(lambda))},
           [&](ErrorContext& context) {
             non_negative(lambda, "tikhonov");
             require_signals("x", x, batch_size(x), operators.unknowns_for(x));
             check_measurements(operators, "y", y, "x", x, context);
             solution.take(x, operators.memory().packed_output);
             workspace.emplace(operators.memory().solver.template get<T, typename X::memory_space>(
                                   conjugate_gradients_vectors * x.size(),
                                   "misfit::DistributedOperator::solver_workspace"),
                               solution.signals);
           });
  adjoint(exec, operators, y, workspace->rhs, Scope::global);
  // 0, or NaN where the data are not finite, so that no finite answer is given for them.
  zero_times(exec, all_signals(workspace->rhs), solution.entries);
  const auto apply = [&](const auto& p, const auto& q) {
    normal(exec, operators, p, q, Scope::global);
    if (lambda > 0) axpby(exec, lambda, all_signals(p), 1, all_signals(q));
  };
  auto result =
      ConjugateGradients(exec, operators.domain_vectors(x), *workspace, solution.signals, iteration)
          .solve(std::ref(apply));
  solution.give_back(exec, x);
  return result;
}

}  // namespace misfit::detail
