// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/split_partition.hpp>

#include <cstddef>
#include <vector>

namespace misfit {

/// Which rank owns which of the operators 0 … n − 1.
///
/// A rule, made before the number of ranks is known; all ranks must give the same. It is checked
/// where it is used, in owners(), so that a DistributedOperator can report a fault of one rank on
/// all.
class Partition {
 public:
  /// Operator i to rank i mod P.
  static Partition round_robin(int n);

  /// Consecutive operators to each rank, sizes that differ by at most one.
  static Partition blocks(int n);

  /// Operators of the given costs, in any unit, so that the largest sum of a rank is small: the
  /// most expensive first, each to the rank with the least so far (R. L. Graham, "Bounds on
  /// multiprocessing timing anomalies", 1969: at most 4/3 of the best possible).
  static Partition balanced(std::vector<double> costs);

  /// For steps over Subset::ordered(n, `subsets`, which, …): the operators of every one of them
  /// spread evenly over the ranks, and all n, too; numbers of a rank differ by at most one. (Round
  /// robin gives whole subsets to single ranks where `subsets` and P have a common factor.)
  static Partition ordered_subsets(int n, int subsets);

  /// Operator i to rank owners[i].
  static Partition from_owners(std::vector<int> owners);

  /// `n` operators of one cost, cut into parts so that all ranks have equal work: for more ranks
  /// than operators. See SplitPartition.
  static SplitPartition split(int n);
  /// Operators of the given costs, a std::vector (a lone number in braces is n); and, for factories
  /// that make parts, of the given numbers of rows.
  static SplitPartition split(std::vector<double> costs, std::vector<std::size_t> rows = {});

  /// A move is a copy: it leaves the source as it was.
  Partition(const Partition&) = default;
  /// Likewise.
  Partition& operator=(const Partition&) = default;

  /// The number of operators n.
  int size() const noexcept { return n_; }

  /// The owner of each operator on `ranks` ranks. Throws ArgumentError if n or a cost is negative,
  /// a cost not finite, there is not one subset, an own map names a rank that does not exist, or
  /// `ranks` is not positive.
  std::vector<int> owners(int ranks) const;

  /// The operators of rank `rank` of `ranks`, ascending. Throws as owners(), and ArgumentError if
  /// there is no such rank.
  std::vector<int> local_indices(int rank, int ranks) const;

 private:
  enum class Rule { round_robin, blocks, balanced, ordered_subsets, own };
  Partition(Rule rule, int n) : rule_(rule), n_(n) {}

  Rule rule_;
  int n_;
  int subsets_ = 1;
  std::vector<double> costs_;
  std::vector<int> owners_;
};

}  // namespace misfit
