// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/job.hpp>

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <span>
#include <thread>

namespace misfit::detail {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How long a rank that failed waits for the others; then for word of lower ones that failed too;
/// at most for one of these to abort the job; and for mpiexec to pass on what it said last, some of
/// which is lost if it aborts at once.
constexpr milliseconds for_all(2000), for_lower(300), for_abort(10000), for_last_words(100);

/// Of messages that failed ranks send to higher ones, and of those that carry Words.
constexpr int failed_tag = 0, words_tag = 1;

/// What all ranks put together, by the least of each.
struct Words {
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

  Words(int rank, int status, bool failed, const std::string& error) {
    const std::int64_t text = failed ? fingerprint(error.data(), error.size()) : -1;
    if (failed) least[0] = rank;
    if (status != 0) least[1] = (std::int64_t{rank} << 32) | static_cast<std::uint32_t>(status);
    least[2] = text;
    least[3] = -text;
  }

  int speaker() const { return least[0] == none ? -1 : static_cast<int>(least[0]); }
  int status() const {
    return least[1] == none ? 0 : static_cast<int>(static_cast<std::uint32_t>(least[1]));
  }
  void add(const Words& theirs) {
    for (std::size_t k = 0; k < least.size(); ++k) least[k] = std::min(least[k], theirs.least[k]);
  }
  bool one_text() const { return least[2] == -least[3]; }

  /// The rank if it failed; rank and status if that is not 0; the fingerprint of the error, and its
  /// negative.
  std::array<std::int64_t, 4> least{none, none, 0, 0};
};

/// Tells all higher ranks that this one failed. Those that did not fail never read it, and nobody
/// waits for that: the job is about to be aborted.
void tell_higher_ranks(MPI_Comm comm, int rank, int size) {
  for (int other = rank + 1; other < size; ++other) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(nullptr, 0, MPI_BYTE, other, failed_tag, comm, &request);
    MPI_Request_free(&request);
  }
}

bool lower_rank_failed(MPI_Comm comm) {
  int told = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, failed_tag, comm, &told, MPI_STATUS_IGNORE);
  return told != 0;
}

}  // namespace

// A Job owns all processes, hence MPI_COMM_WORLD, which the library uses nowhere else.
Job::Job(int& argc, char**& argv) : exceptions_at_start_(std::uncaught_exceptions()) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  MPI_Comm_dup(MPI_COMM_WORLD, &everyone_);
  MPI_Comm_rank(everyone_, &rank_);
  MPI_Comm_size(everyone_, &size_);
}

Job::~Job() {
  if (!ended_) {
    const bool failed = std::uncaught_exceptions() > exceptions_at_start_;
    end(failed ? 1 : 0, failed, "", [](LastError last) {
      if (last.aborting)
        std::fprintf(stderr,
                     "misfit: an exception ended this process, other ranks go on; aborting\n");
    });
  }
  MPI_Comm_free(&everyone_);
  MPI_Finalize();
}

int Job::end(int status, bool failed, const std::string& error,
             const std::function<void(LastError)>& say) {
  ended_ = true;
  Words all(rank_, status, failed, error);
  // By dissemination: the least of more and more ranks, each from one of them. Not by MPI's own sum
  // that does not block, for which SimGrid sends messages from everyone to everyone.
  for (int step = 1; step < size_; step *= 2) {
    Words theirs = all;
    const auto count = static_cast<int>(all.least.size());
    std::array<MPI_Request, 2> requests{};
    MPI_Irecv(theirs.least.data(), count, MPI_INT64_T, (rank_ + size_ - step) % size_, words_tag,
              everyone_, &requests[0]);
    MPI_Isend(all.least.data(), count, MPI_INT64_T, (rank_ + step) % size_, words_tag, everyone_,
              &requests[1]);
    if (failed)
      wait_or_abort(requests, status, say);
    else
      wait_for(requests);
    all.add(theirs);
  }
  if (all.speaker() == rank_) say({all.one_text(), false});
  return all.status();
}

void Job::wait_or_abort(std::span<MPI_Request> requests, int status,
                        const std::function<void(LastError)>& say) const {
  const auto start = Clock::now();
  for (bool told = false;;) {
    int here = 0;
    MPI_Testall(static_cast<int>(requests.size()), requests.data(), &here, MPI_STATUSES_IGNORE);
    if (here != 0) return;
    std::this_thread::sleep_for(milliseconds(1));
    const auto waited = Clock::now() - start;
    if (waited < for_all) continue;
    if (!told) tell_higher_ranks(everyone_, rank_, size_);
    told = true;
    if (waited < for_all + for_lower) continue;
    const bool speaks = !lower_rank_failed(everyone_);
    if (speaks) {
      say({false, true});
      std::this_thread::sleep_for(for_last_words);
    }
    if (speaks || waited > for_all + for_abort) MPI_Abort(MPI_COMM_WORLD, status);
  }
}

}  // namespace misfit::detail
