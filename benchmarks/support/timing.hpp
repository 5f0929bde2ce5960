// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

namespace misfit::bench {

using Exec = Kokkos::DefaultExecutionSpace;

/// Seconds of the slowest rank for `step` and all the work that it starts on `exec`. Every rank
/// gets the same number, and so chooses the same iterations.
template <typename Step>
double seconds_of(const Exec& exec, Step&& step) {
  detail::fence(exec, "misfit::bench: nothing left over from before");
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = MPI_Wtime();
  step();
  detail::fence(exec, "misfit::bench: all work is in the time");
  double seconds = MPI_Wtime() - start;
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return seconds;
}

}  // namespace misfit::bench
