// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>

#include <cstddef>

namespace misfit::detail {

/// A rank's piece of the vectors of the domain of an ensemble's operators.
struct MemberPiece {
  std::size_t size = 0;    ///< of this rank's
  std::size_t offset = 0;  ///< of all that of lower ranks of its member
  std::size_t whole = 0;   ///< of all ranks of a member
};

/// The pieces of all ranks, where the operators of this rank take pieces of `size` entries; or it
/// `has_none` and learns from other members. Collective over all ranks of `grid`. Throws
/// ArgumentError on all unless all members are cut alike.
MemberPiece agree_on_pieces(const ProcessGrid& grid, bool has_none, std::size_t size);

}  // namespace misfit::detail
