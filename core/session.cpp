// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/session.hpp>

#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

namespace misfit {

Session::Mpi::Mpi(int& argc, char**& argv) : exceptions_at_start_(std::uncaught_exceptions()) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
}

// A Session owns the whole job, hence MPI_COMM_WORLD, which the library uses nowhere else.
Session::Mpi::~Mpi() {
  if (std::uncaught_exceptions() > exceptions_at_start_) {
    using Clock = std::chrono::steady_clock;
    MPI_Request everyone = MPI_REQUEST_NULL;
    MPI_Ibarrier(MPI_COMM_WORLD, &everyone);
    int here = 0;
    for (const auto limit = Clock::now() + std::chrono::seconds(10);
         here == 0 && Clock::now() < limit;) {
      MPI_Test(&everyone, &here, MPI_STATUS_IGNORE);
      if (here == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (here == 0) {
      std::fprintf(stderr,
                   "misfit: an exception ended this process, other ranks go on; aborting\n");
      MPI_Abort(MPI_COMM_WORLD, 1);
    }
  }
  MPI_Finalize();
}

}  // namespace misfit
