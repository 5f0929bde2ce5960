// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::detail {

/// The order in which sums over ranks are taken: a tree that the number of ranks alone decides.
///
/// Its leaves are 2^levels units of one rank; or of two neighbours, the first `pairs` units, where
/// the number of ranks is no power of two. The ranks of a unit are added first, then units in pairs
/// of neighbours, then these pairs, and so on, so that unit u meets unit u ^ 2^level at each level.
/// 6 ranks: ((0 + 1) + (2 + 3)) + (4 + 5).
struct RankTree {
  int levels = 0;
  int pairs = 0;

  explicit RankTree(int ranks) {
    while (ranks >> (levels + 1) > 0) ++levels;
    pairs = ranks - (1 << levels);
  }
  int unit_of(int rank) const { return rank < 2 * pairs ? rank / 2 : rank - pairs; }
  int first_rank(int unit) const { return unit < pairs ? 2 * unit : unit + pairs; }
  int width(int unit) const { return unit < pairs ? 2 : 1; }
};

}  // namespace misfit::detail
