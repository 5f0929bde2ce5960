// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// All pointwise operators of a rank, their distances and their adjoints in one pass: x and the
// gradient move once for all of them, each operator and its data once.

#include <misfit/concepts.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace misfit::detail {

/// How the work is cut: entries into tiles, and where these are few, operators into groups that
/// have a gradient of their own, to be added afterwards. It depends on the problem alone.
struct PointwisePlan {
  PointwisePlan(bool host, std::size_t entry_size, std::int64_t unknowns, std::int64_t batch,
                std::int64_t operators)
      // Tiles of x and of the gradient stay in the second-level cache of a CPU while the operators
      // pass by; shorter ones waste what the hardware fetches ahead.
      : tile(host ? static_cast<std::int64_t>(65536 / entry_size) : 1024),
        tiles((unknowns + tile - 1) / tile) {
    const std::int64_t enough = host ? 128 : 2048;  // for the threads of a node, the teams of a GPU
    const std::int64_t items = std::max<std::int64_t>(1, tiles * batch);
    groups = std::max<std::int64_t>(1, std::min(operators / 16, enough / items));
  }

  std::int64_t tile, tiles, groups = 1;
};

/// At entry j: the value and the gradient of one operator, given x there.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
KOKKOS_FORCEINLINE_FUNCTION void add_pointwise(const Op& op, const D& distance, const U& y,
                                               std::int64_t j, const T& x, Real<U> factor,
                                               T& gradient, double& value, double& outside) {
  const auto index = static_cast<std::size_t>(j);
  const U u = op.apply_at(index, x);
  const U r = evaluate_entry<Wanted, D, U>(distance, j, u, y, factor, value, outside);
  if constexpr (Wanted != Quantity::value) {
    if constexpr (requires { op.vjp_at(index, x, r); })
      gradient += op.vjp_at(index, x, r);
    else
      gradient += op.adjoint_at(index, r);
  }
}

/// Entry j of a few operators, known one by one so that the compiler vectorises across entries.
template <Quantity Wanted, bool First, typename Op, typename D, typename T, typename U,
          std::size_t N>
struct FewPointwise {
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION void add(std::index_sequence<I...>, std::int64_t j, const T& x_j,
                                       T& gradient_j, double& value, double& outside) const {
    (add_pointwise<Wanted, Op, D, T, U>(operators[I], distances[I], data[I][j], j, x_j, factor,
                                        gradient_j, value, outside),
     ...);
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    const T x_j = x[j];
    T gradient_j(0);
    if constexpr (First) {
      gradient_j = static_cast<Real<T>>(0) * x_j;
      if constexpr (Wanted != Quantity::gradient) value += zero_or_nan(x_j);
    } else if constexpr (Wanted != Quantity::value) {
      gradient_j = gradient[j];
    }
    add(std::make_index_sequence<N>(), j, x_j, gradient_j, value, outside);
    if constexpr (Wanted != Quantity::value) gradient[j] = gradient_j;
  }

  Op operators[N];
  D distances[N];
  const U* data[N];
  const T* x;
  T* gradient;
  Real<U> factor;
};

/// Entry j of operators begin, ..., end − 1, one after the other.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct ManyPointwise {
  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t j, double& value, double& outside) const {
    const T x_j = x[j];
    T gradient_j = static_cast<Real<T>>(0) * x_j;
    if constexpr (Wanted != Quantity::gradient) value += zero_or_nan(x_j);
    for (std::int64_t k = begin; k < end; ++k)
      add_pointwise<Wanted, Op, D, T, U>(problem.operators[k], problem.distance(k),
                                         problem.data_of(k, signal, problem.unknowns)[j], j, x_j,
                                         static_cast<Real<U>>(problem.factor), gradient_j, value,
                                         outside);
    if constexpr (Wanted != Quantity::value) gradient[j] = gradient_j;
  }

  const LocalProblem<Op, D, T, U>& problem;
  std::int64_t begin, end, signal;
  const T* x;
  T* gradient;
};

template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct PointwiseSweep {
  static constexpr std::int64_t at_once = 4;  ///< more streams than that defeat the prefetchers

  /// The sum over one item, and its part of the gradient: a tile of one signal and one group.
  template <std::size_t N, bool First>
  void add_few(std::int64_t k, std::int64_t signal, std::int64_t begin, std::int64_t end,
               T* gradient, PartialSum& sum) const {
    sum +=
        sum_in_lanes(begin, end, few<N, First>(std::make_index_sequence<N>(), k, signal, gradient));
  }
  template <std::size_t N, bool First, std::size_t... I>
  auto few(std::index_sequence<I...>, std::int64_t k, std::int64_t signal, T* gradient) const {
    const auto n = problem.unknowns;
    return FewPointwise<Wanted, First, Op, D, T, U, N>{
        {problem.operators[k + static_cast<std::int64_t>(I)]...},
        {problem.distance(k + static_cast<std::int64_t>(I))...},
        {problem.data_of(k + static_cast<std::int64_t>(I), signal, n)...},
        problem.x + signal * n,
        gradient,
        static_cast<Real<U>>(problem.factor)};
  }

  /// On a CPU.
  void operator()(const std::int64_t item) const {
    const auto [signal, tile, group] = position(item);
    const std::int64_t begin = tile * plan.tile,
                       end = std::min(begin + plan.tile, problem.unknowns);
    std::int64_t k = first_of(group);
    const std::int64_t last = first_of(group + 1);
    T* const out = gradient_of(group, signal);
    PartialSum sum;
    if (last - k >= at_once) {
      add_few<at_once, true>(k, signal, begin, end, out, sum);
      k += at_once;
    } else {
      add_few<1, true>(k, signal, begin, end, out, sum);
      ++k;
    }
    for (; k + at_once <= last; k += at_once)
      add_few<at_once, false>(k, signal, begin, end, out, sum);
    for (; k < last; ++k) add_few<1, false>(k, signal, begin, end, out, sum);
    sums[signal * slots() + group * plan.tiles + tile] = sum;
  }

  /// On a GPU.
  template <typename Member>
  KOKKOS_INLINE_FUNCTION void by_team(const Member& member) const {
    const auto [signal, tile, group] = position(member.league_rank());
    const std::int64_t begin = tile * plan.tile, n = problem.unknowns;
    const ManyPointwise<Wanted, Op, D, T, U> entry{
        problem, first_of(group),        first_of(group + 1),
        signal,  problem.x + signal * n, gradient_of(group, signal)};
    sum_by_team(member, begin, begin + plan.tile < n ? begin + plan.tile : n, entry,
                sums[signal * slots() + group * plan.tiles + tile]);
  }

  struct Position {
    std::int64_t signal, tile, group;
  };
  /// Signals run fastest: they share what they read of the operators.
  KOKKOS_INLINE_FUNCTION Position position(std::int64_t item) const {
    return {item % problem.batch, item / problem.batch % plan.tiles,
            item / problem.batch / plan.tiles};
  }
  KOKKOS_INLINE_FUNCTION std::int64_t first_of(std::int64_t group) const {
    return group * problem.count / plan.groups;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t slots() const { return plan.groups * plan.tiles; }
  KOKKOS_INLINE_FUNCTION T* gradient_of(std::int64_t group, std::int64_t signal) const {
    if constexpr (Wanted == Quantity::value)
      return nullptr;
    else
      return group_gradients + (group * problem.batch + signal) * problem.unknowns;
  }

  LocalProblem<Op, D, T, U> problem;
  PointwisePlan plan;
  T* group_gradients;  ///< one for each group; the gradient itself if there is but one group
  PartialSum* sums;
};

/// The sums (plan.groups · plan.tiles for each signal) and the gradient of all operators of
/// `problem`, of which there is at least one. Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
void sweep_pointwise(const Exec& exec, const LocalProblem<Op, D, T, U>& problem,
                     const PointwisePlan& plan, Workspace& workspace, PartialSum* sums) {
  using Space = typename Exec::memory_space;
  const std::int64_t entries = problem.batch * problem.unknowns;
  const bool grouped = Wanted != Quantity::value && plan.groups > 1;
  T* const parts = grouped ? workspace
                                 .get<T, Space>(static_cast<std::size_t>(plan.groups * entries),
                                                "misfit::DistributedDataFidelity::groups")
                                 .data()
                           : problem.gradient;
  const PointwiseSweep<Wanted, Op, D, T, U> sweep{problem, plan, parts, sums};
  const std::int64_t items = plan.groups * plan.tiles * problem.batch;
  constexpr const char* label = "misfit::DistributedDataFidelity::pointwise";
  if constexpr (in_cpu_form<Exec>)
    Kokkos::parallel_for(label, range(exec, static_cast<std::size_t>(items)), sweep);
  else
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(items), team_size<Exec>),
        KOKKOS_LAMBDA(const typename Kokkos::TeamPolicy<Exec>::member_type& member) {
          sweep.by_team(member);
        });
  if (!grouped) return;
  T* const gradient = problem.gradient;
  const std::int64_t groups = plan.groups;
  for_entries(
      exec, "misfit::DistributedDataFidelity::add_groups", static_cast<std::size_t>(entries),
      KOKKOS_LAMBDA(const std::int64_t j) {
        T sum = parts[j];
        for (std::int64_t q = 1; q < groups; ++q) sum += parts[q * entries + j];
        gradient[j] = sum;
      });
}

}  // namespace misfit::detail
