// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Small matrices on a GPU, all of a rank in one launch: teams of threads take the rows of an
// operator, their distances and their adjoint, an operator after the other, while others take other
// operators. Matrices that one team would take long for are left to libraries.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/group_gradients.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/matrices/team_matrix.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace misfit::detail {

/// An operator that is a matrix which teams of threads can read.
template <typename Op, typename T>
concept TeamMatrixOperator = requires(const Op& op) {
  { op.team_matrix() } -> TeamMatrix<T>;
};
template <typename Op>
using TeamMatrixOf = decltype(std::declval<const Op&>().team_matrix());

/// How the operators are cut into groups, each for one team, with a gradient of its own. It depends
/// on the problem alone.
struct TeamRowPlan {
  template <typename Op, typename D, typename T, typename U>
  explicit TeamRowPlan(const LocalProblem<Op, D, T, U>& problem) {
    std::int64_t work = 0;
    for (std::int64_t k = 0; k < problem.count; ++k) {
      const auto matrix = problem.operator_at(k).team_matrix();
      small = small && matrix.fits_team() && matrix.work() <= most_work;
      work += matrix.work();
    }
    // Their gradients take but a small part of the operators' memory.
    const std::int64_t affordable = work / 16 / std::max<std::int64_t>(1, problem.unknowns);
    groups = std::clamp<std::int64_t>(
        std::min(affordable, most_teams / std::max<std::int64_t>(1, problem.batch)), 1,
        std::max<std::int64_t>(1, problem.count));
  }

  static constexpr std::int64_t most_work = 1 << 15, most_teams = 2048;
  bool small = true;  ///< all of the operators
  std::int64_t groups = 1;
};

template <Quantity Wanted, typename Op, typename D, typename T>
struct TeamRowSweep {
  using Matrix = TeamMatrixOf<Op>;
  static constexpr std::int64_t rows_at_once = Matrix::rows_at_once;
  static constexpr bool has_gradient = Wanted != Quantity::value;

  /// One group and one signal.
  template <typename Member>
  KOKKOS_INLINE_FUNCTION void operator()(const Member& member) const {
    const std::int64_t signal = member.league_rank() % problem.batch;
    const std::int64_t group = member.league_rank() / problem.batch;
    const T* const x = problem.x + signal * problem.unknowns;
    T* const g =
        has_gradient ? gradients + (group * problem.batch + signal) * problem.unknowns : nullptr;
    T* const u = static_cast<T*>(member.team_shmem().get_shmem(2 * rows_at_once * sizeof(T)));
    T* const r = u + rows_at_once;
    PartialSum total;  // of the team's first thread, as all sums
    sum_by_team(member, 0, problem.unknowns, Start{x, g, group == 0}, total);
    member.team_barrier();
    for (std::int64_t k = first_of(group); k < first_of(group + 1); ++k) {
      const Matrix& matrix = matrices[k];
      const std::int64_t rows = matrix.n_rows;
      for (std::int64_t begin = 0; begin < rows; begin += rows_at_once) {
        const std::int64_t end = begin + rows_at_once < rows ? begin + rows_at_once : rows;
        apply(member, matrix, begin, end, x, u);
        PartialSum sum;
        sum_by_team(member, begin, end,
                    Residual{problem.distance(k), problem.data_of(k, signal, rows), u, r, begin,
                             static_cast<Real<T>>(problem.factor)},
                    sum);
        total += sum;
        member.team_barrier();
        if constexpr (has_gradient) add_adjoint(member, matrix, begin, end, r, g);
        member.team_barrier();
      }
    }
    Kokkos::single(Kokkos::PerTeam(member), [&] { sums[signal * groups + group] = total; });
  }

  /// The gradient starts with 0 · x, which is NaN where x is not finite.
  struct Start {
    KOKKOS_INLINE_FUNCTION void operator()(std::int64_t j, double& value, double&) const {
      if (first_group) value += zero_or_nan(x[j]);
      if constexpr (has_gradient) gradient[j] = first_group ? static_cast<Real<T>>(0) * x[j] : T(0);
    }
    const T* x;
    T* gradient;
    bool first_group;
  };
  /// r is the gradient of the distance at u, both from row `begin` on.
  struct Residual {
    KOKKOS_INLINE_FUNCTION void operator()(std::int64_t i, double& value, double& outside) const {
      r[i - begin] =
          evaluate_entry<Wanted, D, T>(distance, i, u[i - begin], y[i], factor, value, outside);
    }
    const D& distance;
    const T* y;
    const T* u;
    T* r;
    std::int64_t begin;
    Real<T> factor;
  };

  template <typename Member>
  KOKKOS_INLINE_FUNCTION void apply(const Member& member, const Matrix& matrix, std::int64_t begin,
                                    std::int64_t end, const T* x, T* u) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, begin, end), [&](const std::int64_t i) {
      T sum(0);
      Kokkos::parallel_reduce(
          Kokkos::ThreadVectorRange(member, matrix.row_length(i)),
          [&](const std::int64_t l, T& partial) { partial += matrix.term(i, l, x); }, sum);
      Kokkos::single(Kokkos::PerThread(member), [&] { u[i - begin] = sum; });
    });
    member.team_barrier();
  }
  template <typename Member>
  KOKKOS_INLINE_FUNCTION void add_adjoint(const Member& member, const Matrix& matrix,
                                          std::int64_t begin, std::int64_t end, const T* r,
                                          T* g) const {
    Kokkos::parallel_for(
        Kokkos::TeamVectorRange(member, problem.unknowns),
        [&](const std::int64_t j) { g[j] = matrix.add_adjoint(g[j], j, begin, end, r); });
  }
  KOKKOS_INLINE_FUNCTION std::int64_t first_of(std::int64_t group) const {
    return group * problem.count / groups;
  }

  LocalProblem<Op, D, T, T> problem;  ///< whose distances and data kernels can read
  const Matrix* matrices;             ///< of its operators, where kernels can read them
  std::int64_t groups;
  T* gradients;  ///< one for each group
  PartialSum* sums;
};

/// The sums (plan.groups for each signal) and the gradient of all operators of `problem`.
/// Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T>
void sweep_rows_by_teams(const Exec& exec, const LocalProblem<Op, D, T, T>& problem,
                         const TeamMatrixOf<Op>* matrices, const TeamRowPlan& plan,
                         Workspace& workspace, PartialSum* sums) {
  using Sweep = TeamRowSweep<Wanted, Op, D, T>;
  const GroupGradients<Exec, T> gradients(workspace, plan.groups, problem.batch * problem.unknowns,
                                          Wanted == Quantity::value ? nullptr : problem.gradient);
  constexpr int lanes = on_host<Exec> ? 1 : 32;
  const auto policy =
      Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(plan.groups * problem.batch),
                               team_size<Exec> / lanes, lanes)
          .set_scratch_size(0, Kokkos::PerTeam(2 * Sweep::rows_at_once * sizeof(T) + 64));
  Kokkos::parallel_for("misfit::DistributedDataFidelity::rows_by_teams", policy,
                       Sweep{problem, matrices, plan.groups, gradients.first, sums});
  gradients.sum_up(exec);
}

}  // namespace misfit::detail
