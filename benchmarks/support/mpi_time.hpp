// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/kokkos.hpp>

#include <benchmark/benchmark.h>
#include <mpi.h>

namespace misfit::bench {

/// Runs `step` once as one iteration, timed as the slowest rank's seconds.
///
/// Every rank reports that same time, so that every rank chooses the same number of iterations;
/// ranks that time themselves choose different ones and hang in the next collective.
template <typename Exec, typename Step>
void time_iteration(benchmark::State& state, const Exec& exec, Step&& step) {
  detail::fence(exec, "misfit::bench: nothing left over from before");
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = MPI_Wtime();
  step();
  detail::fence(exec, "misfit::bench: all work is in the time");
  double seconds = MPI_Wtime() - start;
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  state.SetIterationTime(seconds);
}

}  // namespace misfit::bench
