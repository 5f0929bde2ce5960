// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "entries.hpp"
#include "rank_nodes.hpp"

#include <misfit/detail/collectives/node_sum.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <mpi.h>

#include <array>
#include <cstddef>

namespace misfit::detail {

/// Sums long vectors over the ranks of a communicator: inside nodes, then between them.
///
/// Each of the w ranks of a node sums one of w parts of the vector in its node, through shared
/// memory or by messages. Then nodes meet, level by level: r neighbours at the first, where r is
/// the smallest prime factor of the number of nodes, then r' neighbours of these groups, and so on.
/// Of what all r hold each sums one part. What is summed returns the same way. Of n bytes a rank
/// sends less than 2n in its node, and N nodes send 2 (N − 1)/N n each to others, wherever their
/// ranks are.
///
/// In a node, and then at each level, an entry is summed in the order of a RankTree. So the nodes
/// of the ranks alone decide the bits.
class RankSum {
 public:
  /// All are borrowed; `shared` is of the ranks of this node, and null where they share no memory.
  RankSum(MPI_Comm comm, int rank, const RankNodes& nodes, NodeSum* shared);

  /// Replaces `buffer` by its sum. Blocks.
  ///
  /// What arrives waits in buffer.scratch, at least 16 bytes a rank, until it is added. All ranks
  /// call with one shape, one size of the scratch, and the same word on whether the buffers of all
  /// are in host memory.
  void sum(const ReductionBuffer& buffer, bool all_on_host);
  /// Whether the nodes of 2^k ranks let these be added in the order of one RankTree of all: they
  /// have as many each, and in the order of ranks.
  bool in_pairs() const;

 private:
  enum class Received { added, kept };
  // Groups of `members`, which are `stride` places of the node, or nodes, apart.
  struct Level {
    int members, stride, own;
  };
  class Exchange;

  const Level& level(int number) const { return level_[static_cast<std::size_t>(number)]; }

  MPI_Comm comm_;
  const RankNodes& nodes_;
  NodeSum* shared_;
  int node_, place_;
  int levels_ = 0, inside_ = 0;  // the first `inside_` of them are in the node, the others between
  std::array<Level, 31> level_;
};

}  // namespace misfit::detail
