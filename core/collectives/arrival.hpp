// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace misfit::detail {

/// How long ranks wait for each other: what the environment variable MISFIT_TIMEOUT says.
struct TimeLimit {
  std::chrono::nanoseconds limit{0};  // 0: for ever
  bool valid = true;                  // false if it is set to something else than a number > 0
};
TimeLimit time_limit();

/// Waits for all ranks of a communicator, but not for ever.
///
/// A rank that has waited for too long tells all others that it waits, and in which call. Those
/// that wait, too, join it at once, and tell all others. After a tenth of the limit, at least 100
/// ms, the lowest of them says which ranks are missing, and all throw a TimeoutError with this
/// list. Who comes later finds the list and throws at once.
///
/// So all ranks that wait go on, or none: who waits for others to come sends nothing else before
/// they are there, hence nobody can end the messages that follow. Who waits for these has no limit
/// of its own, for all are there, but joins those that gave up before they knew.
///
/// After that the communicator is of no use: its requests stay open, so that neither it nor the
/// buffers of the requests, nor this object, must ever be freed (see keep_for_ever()).
class Arrival {
 public:
  /// `comm` is borrowed and returns its errors. Messages have arrival_tag.
  Arrival(MPI_Comm comm, int rank, int size, std::chrono::nanoseconds limit);
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  /// Blocks until all ranks have called this. Throws TimeoutError, and from then on always.
  void wait_for_all(const char* call);
  /// Throws TimeoutError if ranks that waited have gone on.
  void listen(const char* call);
  /// Blocks until the requests have ended, which need all ranks to come. Throws TimeoutError.
  void finish_in_time(const char* call, std::span<MPI_Request> requests);
  /// The same of requests between ranks that are all there, however long it takes. Throws
  /// TimeoutError if one of them did not know that.
  void finish(const char* call, std::span<MPI_Request> requests);
  bool given_up() const noexcept { return given_up_; }

 private:
  using Clock = std::chrono::steady_clock;
  // What a rank tells the others: that it waits, or in a verdict which ranks are missing, a bit
  // each in the bytes that follow.
  struct Word {
    double waited;  // seconds; -1: a verdict
    char call[56];
  };

  void wait(const char* call, std::span<MPI_Request> requests, std::chrono::nanoseconds limit);
  // Takes in what others have told. Whether that was anything.
  bool hear();
  void tell(const std::vector<std::byte>& message, std::size_t bytes);
  void send_out(Clock::time_point until);
  [[noreturn]] void give_up(const char* call, std::chrono::nanoseconds waited);
  int lowest_that_waits() const;
  void decide(const char* call);
  bool is_missing(int rank) const;
  [[noreturn]] void throw_verdict() const;

  std::size_t verdict_bytes() const;
  static void write(std::vector<std::byte>& message, const char* call, double waited);

  MPI_Comm comm_;
  int rank_, size_;
  std::chrono::nanoseconds limit_, grace_;
  bool given_up_ = false, decided_ = false;
  std::vector<double> waited_;  // by rank: seconds, or -1 where it told nothing
  std::vector<std::byte> own_, heard_, verdict_;
  std::vector<MPI_Request> sends_;
};

/// Of the messages of an Arrival.
constexpr int arrival_tag = 32766;

/// What MPI may still write to, and is never freed; linked, so that leak checkers find it.
struct Kept {
  Kept* next = nullptr;
};
void keep_for_ever(Kept* object) noexcept;

}  // namespace misfit::detail
