// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::bench {

/// What this rank hands to MPI, seen through MPI's profiling interface (MPI 3.1, chapter 14).
struct MpiCalls {
  double count = 0;   ///< calls that move data
  double bytes = 0;   ///< what this rank gives to them
  double first = 0;   ///< when the first began, by MPI_Wtime(); meaningless if there is none
  double inside = 0;  ///< seconds in them, and in waiting for them to end
};

/// Forgets what was seen before.
void watch_mpi_calls();
/// What was seen since watch_mpi_calls().
MpiCalls mpi_calls();

}  // namespace misfit::bench
