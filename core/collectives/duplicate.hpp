// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "agreed_sum.hpp"

#include <mpi.h>

#include <memory>

namespace misfit::detail {

/// A communicator that returns its errors, and what its ranks agree by, if they are several.
struct Duplicate {
  MPI_Comm comm;
  std::unique_ptr<AgreedSum> agreed_sum;
};

/// A duplicate of `parent`. Collective. If a rank has no memory for
/// it, or MISFIT_TIMEOUT is no number of seconds or differs between ranks, all throw; where a rank
/// does not come and MISFIT_TIMEOUT is set, those that wait throw TimeoutError.
Duplicate duplicate(MPI_Comm parent, int rank, int size);

}  // namespace misfit::detail
