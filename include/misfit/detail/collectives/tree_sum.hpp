// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/sum_tree.hpp>

#include <mpi.h>

#include <cstddef>
#include <span>
#include <vector>

namespace misfit::detail {

/// Sums vectors, one for each of n terms that ranks own, in the order of their SumTree: so that the
/// bits depend neither on who owns which, nor on the number of ranks, nor on their nodes.
///
/// A rank gives the sums of its largest nodes of the tree. Ranks then meet, level by level: r
/// neighbours at the first, where r is the smallest prime factor of the number of ranks, then r'
/// neighbours of these groups, and so on. At each level a rank keeps one of r parts of the entries,
/// receives this part of the nodes of r − 1 others, and adds what belongs together. Then sums
/// return the same way.
class TreeSum {
 public:
  /// Term i is rank owners[i]'s, of `ranks` ranks. Not collective; takes the memory for all of
  /// sum() but its scratch.
  TreeSum(std::span<const int> owners, int rank, int ranks);

  const SumTree& tree() const { return tree_; }
  /// This rank's nodes, in the order of their terms.
  const std::vector<SumNode>& own_nodes() const { return own_; }
  /// Whether each rank has one node, all of one depth, in the order of ranks: then neighbours that
  /// are added in pairs are added in the order of the tree.
  bool one_node_each() const { return one_node_each_; }
  /// What sum() of `count` numbers of `number` bytes needs.
  std::size_t scratch_bytes(std::size_t count, std::size_t number) const;

  /// Sets `sum` to the sum of all terms. `given` has the vectors of own_nodes(), `count` numbers of
  /// 4 or 8 bytes each, one behind the other; they are lost. `sum` may be the first of them. All in
  /// host memory. Collective over `comm`; blocks. Throws MpiError.
  void sum(MPI_Comm comm, void* given, void* sum, std::size_t count, std::size_t number,
           std::span<std::byte> scratch);

 private:
  // One vector is added to another, both by their number at a level.
  struct Addition {
    int to, from;
  };
  // A group of `members` units of `width` ranks each, of which this rank is in unit `own`.
  struct Level {
    int members, width, own;
    std::vector<std::size_t> nodes;  // how many each member has
    // Of all their vectors, member by member: which are added, and which have the sums then.
    std::vector<Addition> additions;
    std::vector<int> left;

    std::size_t vectors() const;
    std::size_t vectors_moved() const;  // parts of vectors that this rank receives or sends
  };
  class Piece;

  Level make_level(std::span<const int> owners, int width, int members) const;
  std::size_t piece_length(std::size_t count, std::size_t number) const;

  SumTree tree_;
  int rank_;
  std::vector<SumNode> own_;
  bool one_node_each_ = false;
  int most_nodes_ = 0;  // of any rank
  std::vector<Level> levels_;
  std::vector<MPI_Request> requests_;
  std::vector<std::byte*> held_, met_;
};

}  // namespace misfit::detail
