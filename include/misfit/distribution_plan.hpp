// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/rows.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace misfit {

/// What one rank has of a DistributedOperator, and what it exchanges in a `grad` or `fn_and_grad`
/// of one signal. Counted from sizes alone.
struct RankPlan {
  std::int64_t operators = 0;  ///< whole ones or parts
  Rows rows;                   ///< of x, in slabs; none elsewhere
  std::int64_t unknowns = 0;   ///< entries of x that this rank holds: all, or those of its piece
  std::int64_t ghosts = 0;     ///< entries in ghost rows, which are copies of rows of x
  std::int64_t measured = 0;   ///< entries of its measurements
  /// Messages that bring other ranks their ghost rows of x; as many bring it the gradient of these.
  std::int64_t messages = 0;
  std::int64_t message_bytes = 0;  ///< in those messages together
  std::int64_t summed_bytes =
      0;  ///< of the gradient that is summed over ranks or members; 0 if none
  /// Memory for x, gradient and measurements of entries of one type, copies with ghost rows,
  /// messages, one A_i x, and what sums over ranks receive. On top come what operators hold, what
  /// they make of the data (FourierBlur with L2) or need for each thread (matrices by rows), and
  /// the memory that ranks of a node share; on a GPU whose memory MPI does not reach, messages on
  /// the host; with Sum::reproducible as many gradients as the rank has nodes of the tree of
  /// operators: one of equal blocks on 2^k ranks, else up to one an operator; and of operators that
  /// have a transform in common two more.
  std::int64_t memory_bytes = 0;
  /// What a Linearization, as at() makes it, takes beyond that when all was asked of it: every A_i
  /// x, the second derivatives there (not of quadratic distances with linear operators), three
  /// measurements, and kept_size() of each LinearizableOperator. (Others that are not linear keep
  /// x.)
  std::int64_t linearization_bytes = 0;

  friend bool operator==(const RankPlan&, const RankPlan&) = default;
};

/// How a DistributedOperator lies on the ranks; made by DistributedOperator::plan().
struct DistributionPlan {
  int operators = 0;            ///< of all ranks
  std::vector<RankPlan> ranks;  ///< by rank

  /// A table with a line for each rank.
  std::string text() const;
};

}  // namespace misfit
