// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Pointwise operators in the order of a SumTree, on a CPU: tile by tile, all nodes of the tree
// below one while the tile is in cache.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/sum_tree.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/pointwise_entries.hpp>
#include <misfit/detail/evaluation/pointwise_sweep.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace misfit::detail {

#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#define MISFIT_UNFUSED [[gnu::optimize("fp-contract=off")]]
#else
#define MISFIT_UNFUSED
#endif

inline constexpr int sum_lanes = 16;

/// A node whose first operator is the k-th of its rank.
struct OwnNode {
  SumNode node;
  std::int64_t first;
};

/// The numbers of N operators in one lane.
template <std::size_t N>
struct LaneNumbers {
  KOKKOS_FORCEINLINE_FUNCTION double& operator[](std::size_t k) const { return of_lanes[k][lane]; }

  double (&of_lanes)[N][sum_lanes];
  int lane;
};

/// Entry j of N operators: the value of each, and the sum of their gradients in the order of their
/// tree. It is added to what is there if Add.
template <Quantity Wanted, bool Add, typename Op, typename D, typename T, typename U, std::size_t N>
struct TreePointwise {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, const LaneNumbers<N>& values,
                                              const LaneNumbers<N>& outside) const {
    const T x_j = x[j];
    // 0 changes no bit of a value, which is never −0; NaN may come with any of them.
    if constexpr (Wanted != Quantity::gradient) values[0] += zero_or_nan(x_j);
    const T sum = take<0, N>(j, x_j, values, outside);
    if constexpr (Wanted != Quantity::value) gradient[j] = Add ? gradient[j] + sum : sum;
  }
  /// The sum of the gradients of `Count` operators, a power of two.
  template <std::size_t First, std::size_t Count>
  KOKKOS_FORCEINLINE_FUNCTION T take(std::int64_t j, const T& x_j, const LaneNumbers<N>& values,
                                     const LaneNumbers<N>& outside) const {
    if constexpr (Count > 1) {
      const T left = take<First, Count / 2>(j, x_j, values, outside);
      return left + take<First + Count / 2, Count / 2>(j, x_j, values, outside);
    } else {
      T own = static_cast<Real<T>>(0) * x_j;
      add_pointwise<Wanted, Op, D, T, U>(operators[First], distances[First], data[First][j], j, x_j,
                                         factor, own, values[First], outside[First]);
      return own;
    }
  }

  /// The same for the entries of one word.
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::int64_t j) const
    requires WordOperator<Op>
  {
    return word_at(std::make_index_sequence<N>(), static_cast<std::size_t>(j));
  }
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::index_sequence<I...>, std::size_t j) const {
    return TreePointwise<Wanted, Add, WordOf<Op>, D, T, U, N>{
        {operators[I].word_at(j)...}, {distances[I]...}, {data[I]...}, x, gradient, factor};
  }

  Op operators[N];
  D distances[N];
  const U* data[N];
  const T* x;
  T* gradient;
  Real<U> factor;
};

/// The sums over begin ≤ j < end of what entry(j, values, outside) adds to N pairs of numbers. They
/// are those of a copy, which stays in registers: what it writes cannot change it.
///
/// GCC fuses no multiplication with an addition in it. Which ones it does may differ between copies
/// of a loop, for one operator and for four, and then their bits. (clang fuses within an expression
/// alone, in all copies alike.) It is no part of the loops around it, so that it stays one copy.
template <std::size_t N, typename Entry>
MISFIT_UNFUSED [[gnu::flatten, gnu::noinline]] std::array<PartialSum, N> sums_in_lanes(
    std::int64_t begin, std::int64_t end, const Entry& given) {
  const Entry entry = untracked(given);
  double value[N][sum_lanes] = {}, outside[N][sum_lanes] = {};
  const auto at = [&](const auto& here, std::int64_t j, int l) {
    here(j, LaneNumbers<N>{value, l}, LaneNumbers<N>{outside, l});
  };
  std::int64_t j = begin;
  for (; j + sum_lanes <= end; j += sum_lanes) {
    const auto& here = word_at(entry, j);
    for_lanes<sum_lanes>([&](int l) { at(here, j + l, l); });
  }
  for (; j < end; ++j) at(entry, j, 0);
  std::array<PartialSum, N> sums;
  for (std::size_t k = 0; k < N; ++k)
    sums[k] = {sum_of_lanes<sum_lanes>(value[k]), sum_of_lanes<sum_lanes>(outside[k])};
  return sums;
}

/// For each tile of each signal: the sums of each operator, and the gradients of the nodes.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct TreeSweep {
  /// Memory answers more streams faster. Complex multiplications GCC 12 fuses whatever it is told,
  /// so that one copy of the loop must do for all operators.
  static constexpr std::size_t at_once =
      std::is_same_v<T, Real<T>> && std::is_same_v<U, Real<U>> ? 4 : 1;
  static constexpr std::int64_t tile = 65536 / sizeof(T);  ///< as PointwisePlan's
  static std::int64_t tiles_of(std::int64_t unknowns) { return (unknowns + tile - 1) / tile; }

  void operator()(const std::int64_t item) const {
    const std::int64_t signal = item % problem.batch, t = item / problem.batch;
    const Piece piece{signal, t, t * tile, std::min((t + 1) * tile, problem.unknowns)};
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      T* gradient = nullptr;
      if constexpr (Wanted != Quantity::value)
        gradient = vectors +
                   (static_cast<std::int64_t>(k) * problem.batch + signal) * problem.unknowns +
                   piece.begin;
      take<false>(nodes[k], nodes[k].node, piece, gradient);
    }
  }

  LocalProblem<Op, D, T, U> problem;
  SumTree tree;
  std::span<const OwnNode> nodes;
  T* vectors;
  PartialSum* sums;  ///< of operator k and signal b from (b · count + k) · tiles on

 private:
  struct Piece {
    std::int64_t signal, tile, begin, end;
  };

  // Sets `gradient`, of the piece alone, to that of `node`, which is below `own`, or adds this.
  template <bool Add>
  void take(const OwnNode& own, const SumNode& node, const Piece& piece, T* gradient) const {
    const std::int64_t k = own.first + node.begin - own.node.begin;
    if constexpr (!Add || at_once > 1 || Wanted == Quantity::value)
      if (node.size() == 1) return take_few<1, Add>(k, piece, gradient);
    if constexpr (at_once > 1) {
      if (node.size() == 2) return take_few<2, Add>(k, piece, gradient);
      if (node.size() == 4) return take_few<4, Add>(k, piece, gradient);
    }
    if constexpr (Add && Wanted != Quantity::value) {
      std::array<T, tile> sum;
      take<false>(own, node, piece, sum.data());
      const T* const other = sum.data();
      for_range(std::int64_t{0}, piece.end - piece.begin,
                [=](std::int64_t j) { gradient[j] += other[j]; });
    } else {
      take<false>(own, tree.left(node), piece, gradient);
      take<true>(own, tree.right(node), piece, gradient);
    }
  }

  template <std::size_t N, bool Add>
  void take_few(std::int64_t k, const Piece& piece, T* gradient) const {
    take_few<Add>(k, piece, gradient, std::make_index_sequence<N>());
  }
  template <bool Add, std::size_t... I>
  void take_few(std::int64_t k, const Piece& piece, T* gradient, std::index_sequence<I...>) const {
    constexpr std::size_t N = sizeof...(I);
    const std::int64_t n = problem.unknowns;
    const auto at = [&](std::size_t i) { return k + static_cast<std::int64_t>(i); };
    const TreePointwise<Wanted, Add, Op, D, T, U, N> entry{
        {problem.operator_at(at(I))...},
        {problem.distance(at(I))...},
        {problem.data_of(at(I), piece.signal, n)...},
        problem.x + piece.signal * n,
        Wanted == Quantity::value ? nullptr : gradient - piece.begin,
        static_cast<Real<U>>(problem.factor)};
    const auto of_each = sums_in_lanes<N>(piece.begin, piece.end, entry);
    for (std::size_t i = 0; i < N; ++i)
      sums[(piece.signal * problem.count + at(i)) * tiles_of(n) + piece.tile] = of_each[i];
  }
};

}  // namespace misfit::detail

#undef MISFIT_UNFUSED
