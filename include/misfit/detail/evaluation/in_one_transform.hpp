// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The operators of a rank that are one transform of x and differ behind it: all at once.

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/in_passes.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Whether operators may be those of InOneTransform.
template <typename Op, typename D, typename T, typename U, typename Exec>
concept SharesSpectrum =
    FusedOperator<Op, D, T, U, Exec> && requires { requires Op::shares_spectrum; };

/// Two or more operators of one transform, by a transform of x and one of the gradient: between
/// them each does its part to the same spectrum, and the parts are added.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
struct InOneTransform {
  using Passes = InPasses<Wanted, Exec, Op, D, T, U>;
  using Problem = LocalProblem<Op, D, T, U>;

  static bool fits(const Problem& problem) {
    if (problem.count < 2) return false;
    const void* const first = problem.operator_at(0).transform();
    for (std::int64_t k = 1; k < problem.count; ++k)
      if (problem.operator_at(k).transform() != first) return false;
    return true;
  }

  /// Leaves the sums of all operators. Asynchronous on `exec`.
  Sums run(EvaluationMemory& memory, ErrorContext& context, const std::vector<int>& indices) const {
    const auto& problem = passes.problem;
    const auto& first = problem.operator_at(0).term_maker();
    const std::int64_t starts = passes.sums_of_start();
    const std::size_t own = first.sums_of_terms(problem.count);
    const Sums sums =
        reserve_sums<Exec>(memory, starts + static_cast<std::int64_t>(own), problem.batch);
    if constexpr (!Passes::starting) start<Wanted>(passes.exec, problem, sums);
    first.template with_terms<Wanted>([&](const auto& make) {
      const auto* const terms = all_terms(make, memory, context, indices);
      for (std::int64_t b = 0; b < problem.batch; ++b)
        first.template evaluate_terms<Wanted>(passes.exec, terms + b * problem.count, problem.count,
                                              passes.x_of(b), passes.gradient_of(b),
                                              Vector<PartialSum, typename Exec::memory_space>(
                                                  sums.first + b * sums.slots + starts, own));
    });
    return sums;
  }

  /// What each operator does for each signal, where kernels can read it: of one signal behind that
  /// of the one before.
  template <typename Make>
  auto all_terms(const Make& make, EvaluationMemory& memory, ErrorContext& context,
                 const std::vector<int>& indices) const {
    const auto& problem = passes.problem;
    const D* const distances =
        for_kernels(passes.exec, memory.kernel_arguments[1], problem.distances,
                    problem.one_distance ? 1 : static_cast<std::size_t>(problem.of));
    const auto term = [&](std::int64_t k, std::int64_t b) {
      const Op& op = problem.operator_at(k);
      context.operator_index = indices[static_cast<std::size_t>(problem.place(k))];
      const auto data =
          passes.prepared.of(passes.exec, op, passes.data_of(b, k), problem.slot(k, b));
      return make(op.term_maker(), distances + (problem.one_distance ? 0 : problem.place(k)),
                  data.data(), problem.factor);
    };
    using Term = decltype(term(0, 0));
    static_assert(std::is_trivially_copyable_v<Term>);
    const auto count = static_cast<std::size_t>(problem.batch * problem.count);
    const auto terms =
        memory.terms.get<Term, Kokkos::HostSpace>(count, "misfit::DistributedDataFidelity::terms");
    for (std::int64_t b = 0, t = 0; b < problem.batch; ++b)
      for (std::int64_t k = 0; k < problem.count; ++k, ++t) terms(t) = term(k, b);
    context.operator_index = -1;
    return for_kernels(passes.exec, memory.kernel_arguments[0], terms.data(), count);
  }

  const Passes passes;
};

}  // namespace misfit::detail
