// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// All pointwise operators of a rank, their distances and their adjoints in one pass: x and the
// gradient move once for all of them, each operator and its data once.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/group_gradients.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/pointwise_entries.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
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

  std::int64_t tile, tiles, groups;
};

/// Calls take<N, true>(k) for the first operators from `begin` on, of which there are N = 1, …,
/// `Most`, and take<Most, false>(k) for those behind them, `Most` at a time.
template <std::int64_t Most, std::int64_t N = Most, typename Take>
void by_few(std::int64_t begin, std::int64_t end, const Take& take) {
  if constexpr (N > 1)
    if ((end - begin - 1) % Most + 1 < N) return by_few<Most, N - 1>(begin, end, take);
  take.template operator()<static_cast<std::size_t>(N), true>(begin);
  for (std::int64_t k = begin + N; k < end; k += Most)
    take.template operator()<static_cast<std::size_t>(Most), false>(k);
}

template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct PointwiseSweep {
  /// More streams than that defeat the prefetchers.
  static constexpr std::int64_t most_at_once = 4;
  /// Squares of residuals in the precision of the data, where several are added before they are
  /// widened, take a third of the instructions for float.
  static constexpr bool in_squares = UniformDistance<D>;
  static constexpr std::int64_t most_squares = WordOperator<Op> ? 8 : 4;  ///< as many streams of y

  /// A tile of one signal and one group.
  struct Piece {
    std::int64_t signal, begin, end, first, last;
    T* gradient;
  };

  /// On a CPU: the sum over one item, and its part of the gradient.
  void operator()(const std::int64_t item) const {
    const auto [signal, tile, group] = position(item);
    const std::int64_t begin = tile * plan.tile;
    const Piece piece{signal,
                      begin,
                      std::min(begin + plan.tile, problem.unknowns),
                      first_of(group),
                      first_of(group + 1),
                      gradient_of(group, signal)};
    PartialSum& sum = sums[signal * slots() + group * plan.tiles + tile];
    if constexpr (in_squares)
      if (take_squares(piece, sum)) return;
    sum = {};
    by_few<in_squares ? 1 : most_at_once>(
        piece.first, piece.last, [&]<std::size_t N, bool First>(std::int64_t k) {
          sum += sum_in_lanes(piece.begin, piece.end,
                              few<N, First>(std::make_index_sequence<N>(), k, piece));
        });
  }
  template <std::size_t N, bool First, std::size_t... I>
  auto few(std::index_sequence<I...>, std::int64_t k, const Piece& piece) const {
    const auto n = problem.unknowns;
    return FewPointwise<Wanted, First, Op, D, T, U, N>{
        {problem.operator_at(k + static_cast<std::int64_t>(I))...},
        {problem.distance(k + static_cast<std::int64_t>(I))...},
        {problem.data_of(k + static_cast<std::int64_t>(I), piece.signal, n)...},
        problem.x + piece.signal * n,
        piece.gradient,
        static_cast<Real<U>>(problem.factor)};
  }

  /// The same in the precision of the data. False, with nothing of use in the gradient and in
  /// `sum`, if numbers out of its range may count.
  bool take_squares(const Piece& piece, PartialSum& sum) const {
    using R = Real<U>;
    for (std::int64_t k = piece.first; k < piece.last; ++k)
      if (!(weight(k) > 0 && std::isnormal(weight(k)))) return false;
    sum = {};
    by_few<most_squares>(piece.first, piece.last, [&]<std::size_t N, bool First>(std::int64_t k) {
      sum += sum_in_lanes(piece.begin, piece.end,
                          few_squares<N, First>(std::make_index_sequence<N>(), k, piece));
    });
    // What underflows puts a square off by at most eps times the smallest normal number.
    const auto squares =
        static_cast<double>((piece.end - piece.begin) * (piece.last - piece.first));
    const bool in_range = sum.value >= squares * std::numeric_limits<R>::min() &&
                          sum.value <= std::numeric_limits<double>::max();
    sum.value *= 0.5 / problem.factor;
    return in_range;
  }
  Real<U> weight(std::int64_t k) const {
    return static_cast<Real<U>>(problem.distance(k).uniform_weight() * problem.factor);
  }
  template <std::size_t N, bool First, std::size_t... I>
  auto few_squares(std::index_sequence<I...>, std::int64_t k, const Piece& piece) const {
    const auto n = problem.unknowns;
    // The value is there for a gradient alone too: it tells whether that is in range.
    return FewSquares<Wanted != Quantity::value, First, Op, T, U, N>{
        {problem.operator_at(k + static_cast<std::int64_t>(I))...},
        {problem.data_of(k + static_cast<std::int64_t>(I), piece.signal, n)...},
        {weight(k + static_cast<std::int64_t>(I))...},
        problem.x + piece.signal * n,
        piece.gradient};
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
  const GroupGradients<Exec, T> gradients(workspace, plan.groups, problem.batch * problem.unknowns,
                                          Wanted == Quantity::value ? nullptr : problem.gradient);
  const PointwiseSweep<Wanted, Op, D, T, U> sweep{problem, plan, gradients.first, sums};
  const std::int64_t items = plan.groups * plan.tiles * problem.batch;
  constexpr const char* label = "misfit::DistributedDataFidelity::pointwise";
  if constexpr (in_cpu_form<Exec>)
    for_indices(exec, label, static_cast<std::size_t>(items), sweep);
  else
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(items), team_size<Exec>),
        KOKKOS_LAMBDA(const typename Kokkos::TeamPolicy<Exec>::member_type& member) {
          sweep.by_team(member);
        });
  gradients.sum_up(exec);
}

}  // namespace misfit::detail
