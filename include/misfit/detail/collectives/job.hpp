// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <functional>
#include <span>
#include <string>

namespace misfit::detail {

/// What a rank that speaks for all knows of the error that it ended with.
struct LastError {
  bool of_all = true;     ///< all ranks ended with the same error
  bool aborting = false;  ///< other ranks go on, and the job is aborted
};

/// MPI from its start to its end, for main().
///
/// MPI_Finalize waits for all ranks. One that an exception brings there must not, for the others
/// may wait in a call that it will never make.
class Job {
 public:
  /// Collective over all processes.
  Job(int& argc, char**& argv);
  /// Ends MPI, after end() if that was not called.
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  int rank() const noexcept { return rank_; }

  /// Waits for all ranks; returns the status of the lowest rank whose own is not 0. Collective,
  /// once.
  ///
  /// Of the ranks that `failed`, each with the text of its error, the lowest calls `say`. Where
  /// others do not come within two seconds, the job is aborted thereafter with a status of a rank
  /// that failed.
  int end(int status, bool failed, const std::string& error,
          const std::function<void(LastError)>& say);

 private:
  void wait_or_abort(std::span<MPI_Request> requests, int status,
                     const std::function<void(LastError)>& say) const;

  MPI_Comm everyone_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  bool ended_ = false;
  int exceptions_at_start_;
};

}  // namespace misfit::detail
