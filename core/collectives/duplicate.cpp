// SPDX-License-Identifier: BSD-3-Clause
#include "duplicate.hpp"

#include "arrival.hpp"
#include "mpi.hpp"

#include <misfit/detail/collectives/agreement.hpp>

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace misfit::detail {

namespace {

constexpr const char* name_of_call = "Communicator";

// All ranks begin it in this way, whether they wait for ever or not: MPI does not match it with
// MPI_Comm_dup. (SimGrid, of which the header defines SMPI_H, has no other than that.)
int begin_duplicate(MPI_Comm parent, MPI_Comm* made, MPI_Request* request) {
#if defined(SMPI_H)
  *request = MPI_REQUEST_NULL;
  return MPI_Comm_dup(parent, made);
#else
  return MPI_Comm_idup(parent, made, request);
#endif
}

/// The way to a duplicate. Where it ends by a TimeoutError, it must stay where it is: MPI has not
/// ended what it was told to do.
class Setup : public Kept {
 public:
  Setup(MPI_Comm parent, int rank, int size) : parent_(parent), rank_(rank), size_(size) {}

  // Takes memory.
  void watch(std::chrono::nanoseconds limit) { arrival_.emplace(parent_, rank_, size_, limit); }
  bool given_up() const { return arrival_ && arrival_->given_up(); }

  Duplicate run(const TimeLimit& limit) {
    if (arrival_) arrival_->listen(name_of_call);
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(begin_duplicate(parent_, &comm_, &request), "MPI_Comm_idup");
    if (arrival_)
      arrival_->finish_in_time(name_of_call, {&request, 1});
    else
      check_mpi(wait_for({&request, 1}), "MPI_Wait");
    check_mpi(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    Duplicate result{comm_, nullptr};
    bool memory = true;
    try {
      if (size_ > 1)
        result.agreed_sum = std::make_unique<AgreedSum>(comm_, rank_, size_, limit.limit);
    } catch (const std::bad_alloc&) {
      memory = false;
    }
    exchange(limit, memory);
    throw_failure(limit);
    return result;
  }

 private:
  // What ranks put together, by the least of each: of the last, the longest limit.
  enum { without_memory, no_number, shortest, minus_longest, words };
  using Words = std::array<std::int64_t, words>;

  void finish(std::span<MPI_Request> requests) {
    if (arrival_)
      arrival_->finish(name_of_call, requests);
    else
      check_mpi(wait_for(requests), "MPI_Waitall");
  }

  // Nothing to agree by is there yet. By dissemination: the least of more and more ranks, each from
  // one of them.
  void exchange(const TimeLimit& limit, bool memory) {
    least_ = {memory ? size_ : rank_, limit.valid ? size_ : rank_, limit.limit.count(),
              -limit.limit.count()};
    for (int step = 1; step < size_; step *= 2) {
      sent_ = least_;
      std::array<MPI_Request, 2> requests{};
      check_mpi(MPI_Irecv(theirs_.data(), words, MPI_INT64_T, (rank_ + size_ - step) % size_,
                          message_tag, comm_, &requests[0]),
                "MPI_Irecv");
      check_mpi(MPI_Isend(sent_.data(), words, MPI_INT64_T, (rank_ + step) % size_, message_tag,
                          comm_, &requests[1]),
                "MPI_Isend");
      finish(requests);
      for (std::size_t k = 0; k < words; ++k) least_[k] = std::min(least_[k], theirs_[k]);
    }
  }

  // All ranks are here, and know the same.
  void throw_failure(const TimeLimit& limit) {
    if (least_[no_number] < size_) {
      const auto rank = static_cast<int>(least_[no_number]);
      fail(rank, "MISFIT_TIMEOUT: is no number of seconds > 0");
    }
    if (least_[shortest] != -least_[minus_longest]) {
      std::int64_t first = limit.limit.count();
      check_mpi(MPI_Bcast(&first, 1, MPI_INT64_T, 0, comm_), "MPI_Bcast");
      int rank = first == limit.limit.count() ? size_ : rank_;
      check_mpi(MPI_Allreduce(MPI_IN_PLACE, &rank, 1, MPI_INT, MPI_MIN, comm_), "MPI_Allreduce");
      fail(rank, "MISFIT_TIMEOUT: is another on this rank than on rank 0");
    }
    if (least_[without_memory] < size_) {
      MPI_Comm_free(&comm_);
      rethrow({Failure::Kind::error, static_cast<int>(least_[without_memory]), -1, 0, name_of_call,
               "no memory for messages"});
    }
  }

  [[noreturn]] void fail(int rank, const char* what) {
    MPI_Comm_free(&comm_);
    rethrow({Failure::Kind::argument, rank, -1, 0, name_of_call, what});
  }

  MPI_Comm parent_, comm_ = MPI_COMM_NULL;
  int rank_, size_;
  std::optional<Arrival> arrival_;
  Words least_{}, sent_{}, theirs_{};
};

struct Keep {
  void operator()(Setup* setup) const noexcept {
    if (setup->given_up())
      keep_for_ever(setup);
    else
      delete setup;
  }
};

}  // namespace

Duplicate duplicate(MPI_Comm parent, int rank, int size) {
  const TimeLimit limit = time_limit();
  std::unique_ptr<Setup, Keep> watched;
  if (limit.limit.count() > 0 && size > 1) {
    try {
      watched.reset(new Setup(parent, rank, size));
      watched->watch(limit.limit);
    } catch (const std::bad_alloc&) {
      watched.reset();  // this rank then waits for ever, and says below that it has no memory
    }
  }
  return watched ? watched->run(limit) : Setup(parent, rank, size).run(limit);
}

}  // namespace misfit::detail
