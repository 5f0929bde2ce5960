// SPDX-License-Identifier: BSD-3-Clause

// A main() for GoogleTest under mpirun. A test that fails on one rank fails the run.

#include <misfit/run.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

int main(int argc, char* argv[]) {
  testing::InitGoogleTest(&argc, argv);
  return misfit::run(argc, argv, [] {
    int failed = RUN_ALL_TESTS();
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return failed;
  });
}
