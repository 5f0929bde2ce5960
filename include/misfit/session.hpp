// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

namespace misfit {

/// Starts MPI, then Kokkos, and ends them in the opposite order. For main() only.
///
/// Nothing else in misfit starts or ends either, so a program that has its own MPI_Init and
/// Kokkos::initialize needs no Session.
class Session {
 public:
  /// Collective over all processes. Takes MPI's and Kokkos's own options out of argv.
  Session(int& argc, char**& argv) : mpi_(argc, argv), kokkos_(argc, argv) {}

 private:
  /// When an exception of one rank alone unwinds main(), MPI_Finalize would wait for ranks that
  /// never come. The destructor then waits ten seconds for all of them and ends the job if they do
  /// not.
  class Mpi {
   public:
    Mpi(int& argc, char**& argv);
    ~Mpi();
    Mpi(const Mpi&) = delete;
    Mpi& operator=(const Mpi&) = delete;

   private:
    int exceptions_at_start_;
  };

  Mpi mpi_;
  Kokkos::ScopeGuard kokkos_;
};

}  // namespace misfit
