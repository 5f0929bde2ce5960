// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/job.hpp>

#include <Kokkos_Core.hpp>

namespace misfit {

/// Starts MPI, then Kokkos, and ends them in the opposite order. For main() only.
///
/// What main() does not catch ends every rank by std::terminate, with a report by each of them:
/// run() prints it once. Nothing else in misfit starts or ends either, so a program that has its
/// own MPI_Init and Kokkos::initialize needs neither.
class Session {
 public:
  /// Collective over all processes. Takes MPI's and Kokkos's own options out of argv.
  Session(int& argc, char**& argv) : job_(argc, argv), kokkos_(argc, argv) {}

 private:
  /// When an exception of one rank alone unwinds main(), its destructor waits two seconds for the
  /// others and aborts the job if they do not come.
  detail::Job job_;
  Kokkos::ScopeGuard kokkos_;
};

}  // namespace misfit
