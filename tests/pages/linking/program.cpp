// SPDX-License-Identifier: BSD-3-Clause

// A program with its own MPI_Init and Kokkos::initialize, which gives misfit some of its ranks and
// an execution space instance of its own.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstdio>

void with_misfit(MPI_Comm comm) {
  const Kokkos::DefaultExecutionSpace exec;  // your instance, on which your kernels run
  const misfit::DistributedOperator operators(comm, 6, [](int) { return misfit::Identity(100); });
  const auto y = operators.measurements([](int i) {
    Kokkos::View<double*> data("data", 100);
    Kokkos::deep_copy(data, i);
    return data;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const Kokkos::View<double*> x("x", 100);
  const double value = fidelity.fn(exec, x, y, operators);
  if (operators.communicator().rank() == 0) std::printf("f = %g\n", value);
}

int main(int argc, char* argv[]) {
  MPI_Init(&argc, &argv);
  Kokkos::initialize(argc, argv);

  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &comm);
  int status = 0;
  try {
    with_misfit(comm);  // all objects of misfit end here, before Kokkos and MPI do
  } catch (const misfit::Error& error) {  // on all ranks of comm, or on none
    std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
    status = 1;
  }
  MPI_Comm_free(&comm);

  Kokkos::finalize();
  MPI_Finalize();
  return status;
}
