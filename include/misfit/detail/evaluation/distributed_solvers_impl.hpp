// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/solvers/conjugate_gradients.hpp>
#include <misfit/detail/solvers/lanczos.hpp>
#include <misfit/detail/solvers/solver_options.hpp>
#include <misfit/detail/solvers/tridiagonal.hpp>
#include <misfit/distributed_operator.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

namespace misfit {

template <typename Op>
template <Scalar T, ExecutionSpace Exec>
NormResult DistributedOperator<Op>::norm_squared(const Exec& exec, SolverOptions options) const {
  using V = Vector<T, typename Exec::memory_space>;
  const detail::Region region("misfit::norm_squared");
  const std::size_t n = domain_size_;
  V vectors[detail::lanczos_vectors];
  detail::Tridiagonal matrix;
  const std::size_t rows = 1024;  // at once
  detail::agree_on(communicator_, "norm_squared", options, {}, [&](detail::ErrorContext&) {
    const auto memory = solver_workspace_.template get<T, typename Exec::memory_space>(
        detail::lanczos_vectors * n, "misfit::DistributedOperator::solver_workspace");
    for (std::size_t k = 0; k < detail::lanczos_vectors; ++k)
      vectors[k] = V(memory.data() + k * n, n);
    matrix.reserve(rows);
  });
  if (n == 0) return {.converged = true};
  return detail::Lanczos<Exec, V>(exec, vectors, options)
      .run(
          matrix, [&](const V& v, const V& w) { normal(exec, v, w); },
          [&] {
            communicator_.together({"norm_squared", {}},
                                   [&](detail::ErrorContext&) { matrix.reserve(matrix.size() + rows); });
          });
}

template <typename Op>
template <Scalar T, ExecutionSpace Exec>
double DistributedOperator<Op>::norm_squared_bound(const Exec& exec) const {
  using Space = typename Exec::memory_space;
  using Diagonal = Vector<double, Space>;
  static_assert(detail::HasMajorizer<Op, T, Exec>,
                "misfit: norm_squared_bound() needs linear operators that have "
                "`double norm_squared_bound() const`, or `add_majorizer(exec, d)`; see "
                "BoundedOperator");
  Diagonal d;
  communicator_.together({"norm_squared_bound", {}}, [&](detail::ErrorContext&) {
    d = solver_workspace_.template get<double, Space>(
        domain_size_, "misfit::DistributedOperator::solver_workspace");
  });
  accumulate(exec, "misfit::norm_squared_bound", "d", d, Scope::global,
             [&](detail::ErrorContext& context, const Diagonal& sum) {
               Kokkos::deep_copy(exec, sum, 0.0);
               for (std::size_t k = 0; k < local_.size(); ++k) {
                 context.operator_index = indices_[k];
                 detail::add_majorizer<T>(exec, local_[k], sum);
               }
             });

  // Roundings: of sums in double over rows, columns and operators, each of positive numbers; and
  // of what operators do with the numbers that d was computed from, in the precision of T.
  std::size_t terms = domain_size_ + owners_.size();
  for (const std::size_t m : range_sizes_) terms = std::max(terms, domain_size_ + m);
  const double rounding =
      64.0 * static_cast<double>(std::numeric_limits<detail::Real<T>>::epsilon()) +
      2 * static_cast<double>(terms + owners_.size()) * std::numeric_limits<double>::epsilon();
  if (!(detail::zero_or_nan_of(exec, d) == 0)) return std::numeric_limits<double>::infinity();
  return (1 + rounding) * detail::largest_of(exec, d);
}

template <typename Op>
template <ExecutionSpace Exec, typename Y, typename X>
auto DistributedOperator<Op>::least_squares(const Exec& exec, const Y& y, const X& x,
                                            LeastSquaresOptions options) const {
  using T = typename X::non_const_value_type;
  static_assert(detail::MeasurementsArgument<detail::argument::y, Y, Exec>::valid &&
                detail::OutputArgument<detail::argument::x, X, Exec>::valid &&
                detail::Linear<Op, X, Y, Exec>::valid);
  const detail::Region region("misfit::least_squares");
  const SolverOptions iteration{options.tolerance, options.max_iterations};
  const double lambda = options.tikhonov;
  detail::Output<X> solution;
  std::optional<detail::ConjugateGradientsWorkspace<detail::Packed<X>>> workspace;
  detail::agree_on(communicator_, "least_squares", iteration,
                   {"the fingerprint of tikhonov", detail::fingerprint(&lambda, sizeof(lambda))},
                   [&](detail::ErrorContext& context) {
                     detail::non_negative(lambda, "tikhonov");
                     detail::require_signals("x", x, detail::batch_size(x), unknowns_for(x));
                     check_measurements("y", y, "x", x, context);
                     solution.take(x, packed_output_);
                     workspace.emplace(solver_workspace_.template get<T, typename X::memory_space>(
                                           detail::conjugate_gradients_vectors * x.size(),
                                           "misfit::DistributedOperator::solver_workspace"),
                                       solution.signals);
                   });
  adjoint(exec, y, workspace->rhs);
  // 0, or NaN where the data are not finite, so that no finite answer is given for them.
  detail::zero_times(exec, detail::all_signals(workspace->rhs), solution.entries);
  const auto result =
      detail::ConjugateGradients(exec, *workspace, solution.signals, iteration)
          .solve([&](const auto& p, const auto& q) {
            normal(exec, p, q);
            if (lambda > 0)
              detail::axpby(exec, lambda, detail::all_signals(p), 1, detail::all_signals(q));
          });
  solution.give_back(exec, x);
  return result;
}

}  // namespace misfit
