// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Pointwise operators in the order of a SumTree, on a CPU: tile by tile, all nodes of the tree
// below one while the tile is in cache.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/sum_tree.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
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
#include <utility>

namespace misfit::detail {

inline constexpr int sum_lanes = 16;

/// A node whose first operator is the k-th of its rank.
struct OwnNode {
  SumNode node;
  std::int64_t first;
};

/// Entry j of N operators: the value of each, and its gradient in a place of its own. What is
/// stored is rounded; added to others at once it would be so only where the compiler does not fuse
/// the addition with a multiplication.
template <Quantity Wanted, typename Op, typename D, typename T, typename U, std::size_t N>
struct ApartPointwise {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double (&values)[N],
                                              double (&outside)[N]) const {
    add(std::make_index_sequence<N>(), j, values, outside);
  }
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION void add(std::index_sequence<I...>, std::int64_t j,
                                       double (&values)[N], double (&outside)[N]) const {
    const T x_j = x[j];
    const T zero = static_cast<Real<T>>(0) * x_j;
    T gradient[N];
    ((gradient[I] = zero), ...);
    if constexpr (Wanted != Quantity::gradient) ((values[I] += zero_or_nan(x_j)), ...);
    (add_pointwise<Wanted, Op, D, T, U>(operators[I], distances[I], data[I][j], j, x_j, factor,
                                        gradient[I], values[I], outside[I]),
     ...);
    if constexpr (Wanted != Quantity::value) ((gradients[I][j] = gradient[I]), ...);
  }

  Op operators[N];
  D distances[N];
  const U* data[N];
  const T* x;
  T* gradients[N];
  Real<U> factor;
};

/// The sums over begin ≤ j < end of what entry(j, values, outside) adds to N pairs of numbers.
template <std::size_t N, typename Entry>
[[gnu::flatten]] std::array<PartialSum, N> sums_in_lanes(std::int64_t begin, std::int64_t end,
                                                         const Entry& entry) {
  double value[N][sum_lanes] = {}, outside[N][sum_lanes] = {};
  const auto at = [&](std::int64_t j, int l) {
    double values[N], outsides[N];
    for (std::size_t k = 0; k < N; ++k) values[k] = value[k][l];
    for (std::size_t k = 0; k < N; ++k) outsides[k] = outside[k][l];
    entry(j, values, outsides);
    for (std::size_t k = 0; k < N; ++k) value[k][l] = values[k];
    for (std::size_t k = 0; k < N; ++k) outside[k][l] = outsides[k];
  };
  std::int64_t j = begin;
  for (; j + sum_lanes <= end; j += sum_lanes) for_lanes<sum_lanes>([&](int l) { at(j + l, l); });
  for (; j < end; ++j) at(j, 0);
  std::array<PartialSum, N> sums;
  for (std::size_t k = 0; k < N; ++k)
    sums[k] = {sum_of_lanes<sum_lanes>(value[k]), sum_of_lanes<sum_lanes>(outside[k])};
  return sums;
}

/// For each tile of each signal: the sums of each operator, and the gradients of the nodes.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct TreeSweep {
  static constexpr std::size_t at_once = 4;  ///< memory answers more streams faster
  /// Tiles of x and of a few gradients stay in the first-level cache.
  static constexpr std::int64_t tile = 16384 / sizeof(T);
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
      take(nodes[k], nodes[k].node, piece, gradient);
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

  // Sets `gradient`, of the piece alone, to that of `node`, which is below `own`.
  void take(const OwnNode& own, const SumNode& node, const Piece& piece, T* gradient) const {
    const std::int64_t k = own.first + node.begin - own.node.begin;
    if (node.size() == 1) return take_apart<1>(k, piece, {gradient});
    if (node.size() == at_once) return take_four(k, piece, gradient);
    take(own, tree.left(node), piece, gradient);
    if constexpr (Wanted == Quantity::value) {
      take(own, tree.right(node), piece, nullptr);
    } else {
      std::array<T, tile> half;
      take(own, tree.right(node), piece, half.data());
      const T* const other = half.data();
      for_range(std::int64_t{0}, piece.end - piece.begin,
                [=](std::int64_t j) { gradient[j] += other[j]; });
    }
  }

  // In the order of their tree, (0 + 1) + (2 + 3).
  void take_four(std::int64_t k, const Piece& piece, T* gradient) const {
    if constexpr (Wanted == Quantity::value) {
      take_apart<at_once>(k, piece, {});
    } else {
      std::array<T, tile> first, second, third;
      T *const a = gradient, *const b = first.data(), *const c = second.data(),
               *const d = third.data();
      take_apart<at_once>(k, piece, {a, b, c, d});
      for_range(std::int64_t{0}, piece.end - piece.begin,
                [=](std::int64_t j) { a[j] = (a[j] + b[j]) + (c[j] + d[j]); });
    }
  }

  template <std::size_t N>
  void take_apart(std::int64_t k, const Piece& piece, std::array<T*, N> gradients) const {
    take_apart(k, piece, gradients, std::make_index_sequence<N>());
  }
  template <std::size_t N, std::size_t... I>
  void take_apart(std::int64_t k, const Piece& piece, const std::array<T*, N>& gradients,
                  std::index_sequence<I...>) const {
    const std::int64_t n = problem.unknowns;
    const auto at = [&](std::size_t i) { return k + static_cast<std::int64_t>(i); };
    const ApartPointwise<Wanted, Op, D, T, U, N> entry{
        {problem.operators[at(I)]...},
        {problem.distance(at(I))...},
        {problem.data_of(at(I), piece.signal, n)...},
        problem.x + piece.signal * n,
        {(Wanted == Quantity::value ? nullptr : gradients[I] - piece.begin)...},
        static_cast<Real<U>>(problem.factor)};
    const auto of_each = sums_in_lanes<N>(piece.begin, piece.end, entry);
    for (std::size_t i = 0; i < N; ++i)
      sums[(piece.signal * problem.count + at(i)) * tiles_of(n) + piece.tile] = of_each[i];
  }
};

}  // namespace misfit::detail
