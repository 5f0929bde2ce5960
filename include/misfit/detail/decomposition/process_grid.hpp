// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>

#include <mpi.h>

namespace misfit::detail {

/// Ranks in a grid of members × pieces: consecutive ones are a member.
class ProcessGrid {
 public:
  /// Collective over `comm`. Throws ArgumentError if `ranks_per_member` differs between ranks, is
  /// not positive, or does not divide the number of ranks.
  ProcessGrid(MPI_Comm comm, int ranks_per_member);
  /// With communicators of its own. Collective over all ranks of this one.
  ProcessGrid duplicate() const { return {all_.native(), space_.size()}; }

  /// Another communicator of the ranks of this rank's member. Collective over all ranks: if it
  /// fails in one member, all throw.
  Communicator another_space() const;

  const Communicator& all() const { return all_; }
  /// The ranks of this rank's member.
  const Communicator& space() const { return space_; }
  /// The ranks that have this rank's piece, one of each member.
  const Communicator& across() const { return across_; }
  int members() const { return across_.size(); }
  int member() const { return across_.rank(); }

  /// Frees the memory that sums keep to work in. Not collective.
  void clear_caches() const;

 private:
  Communicator all_;
  Communicator space_, across_;
};

}  // namespace misfit::detail
