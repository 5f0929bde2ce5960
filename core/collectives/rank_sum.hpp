// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "rank_tree.hpp"

#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <mpi.h>

#include <cstddef>
#include <span>

namespace misfit::detail {

/// Sums long vectors over the ranks of a communicator, in the order of a RankTree.
///
/// By recursive halving, then doubling (Rabenseifner's all-reduce): units that meet exchange halves
/// of what they still sum, then of what they have summed. Of n bytes a rank sends less than 2n and
/// receives as many. The two ranks of a unit work on one half of the vector each.
class RankSum {
 public:
  /// `comm` is borrowed.
  RankSum(MPI_Comm comm, int rank, const RankTree& tree);

  /// Replaces `buffer` by its sum. Blocks.
  ///
  /// What arrives waits in buffer.scratch, at least 256 bytes, until it is added. All ranks call
  /// with one shape and one size of the scratch.
  void sum(const ReductionBuffer& buffer) const;

 private:
  struct Entries;
  struct Meeting;
  struct Pieces;
  enum class Received { added, kept };

  Entries held(std::size_t count, int lane, int level) const;
  void meet_twin(const ReductionBuffer& buffer, Received received) const;
  void meet_units(const ReductionBuffer& buffer, int level, Received received) const;
  void exchange(const ReductionBuffer& buffer, std::span<const Meeting> meetings,
                Received received) const;

  MPI_Comm comm_;
  RankTree tree_;
  int rank_, unit_, place_;  // place_: which rank of its unit
  int lanes_;                // the parts of the vector that are summed apart from each other
};

}  // namespace misfit::detail
