// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>

#include <mpi.h>

namespace misfit {

/// How an Ensemble deals ranks out to members.
struct EnsembleOptions {
  int ranks_per_member = 1;  ///< divides the number of ranks
};

/// Ranks in groups, its members: an operator belongs to a member, whose ranks apply it together,
/// and x is in pieces, which all members cut alike.
///
/// Of 8 ranks with 4 to a member, ranks 0 to 3 are member 0 and ranks 4 to 7 member 1; ranks 1 and
/// 5 hold the same piece of x, each a copy of it. For operators that are parallel programs, such as
/// solvers of differential equations, and for Slabs of which each member has its own operators.
///
/// Move-only.
class Ensemble {
 public:
  /// Collective over `comm`, which is duplicated. Throws ArgumentError if `ranks_per_member`
  /// differs between ranks, is not positive, or does not divide the number of ranks.
  explicit Ensemble(MPI_Comm comm, const EnsembleOptions& options = {})
      : internals_(comm, options.ranks_per_member) {}

  /// The number of members.
  int size() const noexcept { return internals_.members(); }
  /// The member of this rank, from 0 on.
  int member() const noexcept { return internals_.member(); }

  /// All ranks.
  const Communicator& communicator() const noexcept { return internals_.all(); }
  /// The spatial communicator: the ranks of this rank's member, which share one x. Operators
  /// exchange what they need over it, and agree() on what may fail on one of them alone.
  const Communicator& space() const noexcept { return internals_.space(); }
  /// The ensemble communicator: the ranks that hold this rank's piece of x, one of each member.
  const Communicator& across_members() const noexcept { return internals_.across(); }

 private:
  friend struct detail::Internals;

  detail::ProcessGrid internals_;
};

}  // namespace misfit
