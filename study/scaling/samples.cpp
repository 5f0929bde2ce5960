// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/samples.hpp"

#include "scaling/machine.hpp"
#include "scaling/mpi_calls.hpp"

#include <mpi.h>

#include <algorithm>
#include <ctime>

namespace misfit::bench {
namespace {

void over_ranks(Sample& sample, MPI_Op op) {
  MPI_Allreduce(MPI_IN_PLACE, sample.data(), figures, MPI_DOUBLE, op, MPI_COMM_WORLD);
}

}  // namespace

double most_of_ranks(double number) {
  MPI_Allreduce(MPI_IN_PLACE, &number, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return number;
}

Sample sample_of(const Exec& exec, const ScalingProblem& problem, const ScalingCase& c,
                 const Charges& charges) {
  detail::fence(exec, "misfit::bench: nothing left over from before");
  MPI_Barrier(MPI_COMM_WORLD);
  watch_mpi_calls();
  const std::clock_t cpu_start = std::clock();
  const double start = MPI_Wtime();
  if (simulated) charge(charges.work);
  problem.run(c.call, Scope::global);
  if (simulated) charge(charges.sum);
  detail::fence(exec, "misfit::bench: all work is in the time");
  const double end = MPI_Wtime();
  const double busy = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  const MpiCalls mpi = mpi_calls();

  const double computed = c.in_slabs()    ? end - start - mpi.inside
                          : mpi.count > 0 ? mpi.first - start
                                          : end - start;
  const double longest = most_of_ranks(computed);
  return {end - start,
          computed,
          longest - computed,
          std::max(0.0, end - start - longest),
          mpi.count,
          mpi.bytes,
          std::max(0.0, 1 - busy / (end - start))};
}

void Samples::add(const Sample& of_this_rank, int ranks) {
  Sample largest = of_this_rank, sum = of_this_rank;
  over_ranks(largest, MPI_MAX);
  over_ranks(sum, MPI_SUM);
  for (std::size_t f = 0; f < figures; ++f) {
    most[f].push_back(largest[f]);
    mean[f].push_back(sum[f] / ranks);
  }
}

}  // namespace misfit::bench
