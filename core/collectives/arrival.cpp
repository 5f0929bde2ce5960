// SPDX-License-Identifier: BSD-3-Clause
#include "arrival.hpp"

#include "mpi.hpp"

#include <misfit/error.hpp>

#include <mpi.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace misfit::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// "rank 2", "ranks 0, 3, 5-7".
template <typename IsMissing>
std::string ranks_text(int size, const IsMissing& is_missing) {
  std::string text;
  int number = 0;
  for (int first = 0; first < size; ++first) {
    if (!is_missing(first)) continue;
    int last = first;
    while (last + 1 < size && is_missing(last + 1)) ++last;
    text += (number == 0 ? "" : ", ") + std::to_string(first);
    if (last > first) text += (last == first + 1 ? ", " : "-") + std::to_string(last);
    number += last - first + 1;
    first = last;
  }
  return (number == 1 ? "rank " : "ranks ") + text;
}

}  // namespace

TimeLimit time_limit() {
  TimeLimit result;
  const char* const text = std::getenv("MISFIT_TIMEOUT");
  if (text == nullptr) return result;
  constexpr double most = 1e9;  // 30 years, which the clock can count
  const char* const end = text + std::strlen(text);
  double value = 0;
  const auto [stop, error] = std::from_chars(text, end, value);
  result.valid = error == std::errc() && stop == end && value >= 1e-9 && value <= most;
  if (result.valid) result.limit = nanoseconds(std::llround(value * 1e9));
  return result;
}

Arrival::Arrival(MPI_Comm comm, int rank, int size, nanoseconds limit)
    : comm_(comm),
      rank_(rank),
      size_(size),
      limit_(limit),
      grace_(std::max<nanoseconds>(limit / 10, milliseconds(100))),
      waited_(static_cast<std::size_t>(size), -1),
      own_(sizeof(Word)),
      heard_(verdict_bytes()),
      verdict_(verdict_bytes()),
      sends_(static_cast<std::size_t>(size), MPI_REQUEST_NULL) {}

std::size_t Arrival::verdict_bytes() const {
  return sizeof(Word) + (static_cast<std::size_t>(size_) + 7) / 8;
}

void Arrival::listen(const char* call) {
  if (given_up_) throw_verdict();
  if (hear()) give_up(call, nanoseconds(0));
}

void Arrival::wait_for_all(const char* call) {
  listen(call);
  MPI_Request all_here = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(comm_, &all_here), "MPI_Ibarrier");
  finish_in_time(call, {&all_here, 1});
}

void Arrival::finish_in_time(const char* call, std::span<MPI_Request> requests) {
  wait(call, requests, limit_);
}

void Arrival::finish(const char* call, std::span<MPI_Request> requests) {
  wait(call, requests, nanoseconds::max());
}

// Those that are late by less than a millisecond are not slept for.
void Arrival::wait(const char* call, std::span<MPI_Request> requests, nanoseconds limit) {
  if (given_up_) throw_verdict();
  const auto start = Clock::now();
  for (;;) {
    int ended = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &ended,
                          MPI_STATUSES_IGNORE),
              "MPI_Testall");
    if (ended != 0) return;
    const auto waited = Clock::now() - start;
    if (hear() || waited > limit) give_up(call, waited);
    if (waited < milliseconds(1))
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

bool Arrival::hear() {
  bool any = false;
  for (;;) {
    int there = 0;
    MPI_Status status;
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, arrival_tag, comm_, &there, &status), "MPI_Iprobe");
    if (there == 0) return any;
    any = true;
    check_mpi(MPI_Recv(heard_.data(), static_cast<int>(heard_.size()), MPI_BYTE, status.MPI_SOURCE,
                       arrival_tag, comm_, MPI_STATUS_IGNORE),
              "MPI_Recv");
    Word word;
    std::memcpy(&word, heard_.data(), sizeof(word));
    if (word.waited >= 0) {
      waited_[static_cast<std::size_t>(status.MPI_SOURCE)] = word.waited;
    } else if (!decided_) {
      verdict_ = heard_;
      decided_ = true;
    }
  }
}

void Arrival::write(std::vector<std::byte>& message, const char* call, double waited) {
  Word word{waited, {}};
  std::strncpy(word.call, call, sizeof(word.call) - 1);
  std::memcpy(message.data(), &word, sizeof(word));
}

// Small enough that MPI sends it without waiting for the other, which may never receive it.
void Arrival::tell(const std::vector<std::byte>& message, std::size_t bytes) {
  for (int other = 0; other < size_; ++other) {
    if (other == rank_) continue;
    check_mpi(MPI_Isend(message.data(), static_cast<int>(bytes), MPI_BYTE, other, arrival_tag,
                        comm_, &sends_[static_cast<std::size_t>(other)]),
              "MPI_Isend");
  }
}

void Arrival::send_out(Clock::time_point until) {
  for (int ended = 0; ended == 0 && Clock::now() < until;)
    check_mpi(MPI_Testall(size_, sends_.data(), &ended, MPI_STATUSES_IGNORE), "MPI_Testall");
  std::fill(sends_.begin(), sends_.end(), MPI_REQUEST_NULL);  // of ranks that are no more
}

void Arrival::give_up(const char* call, nanoseconds waited) {
  given_up_ = true;
  if (decided_) throw_verdict();
  waited_[static_cast<std::size_t>(rank_)] = seconds(waited);
  write(own_, call, seconds(waited));
  tell(own_, own_.size());
  const auto end = Clock::now() + grace_;
  send_out(end);
  for (;;) {
    hear();
    if (decided_) throw_verdict();
    const auto now = Clock::now();
    const bool all = std::all_of(waited_.begin(), waited_.end(), [](double t) { return t >= 0; });
    const int lowest = lowest_that_waits();
    if (lowest == rank_ && (all || now > end)) {
      decide(call);
      tell(verdict_, verdict_.size());
      send_out(Clock::now() + grace_);
      throw_verdict();
    }
    // The lowest is no more: each says by itself what all know.
    if (now > end + std::max(limit_, grace_)) {
      waited_[static_cast<std::size_t>(lowest)] = -1;
      decide(call);
      throw_verdict();
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
}

int Arrival::lowest_that_waits() const {
  return static_cast<int>(
      std::find_if(waited_.begin(), waited_.end(), [](double t) { return t >= 0; }) -
      waited_.begin());
}

// Where all have come meanwhile, the last was too late.
void Arrival::decide(const char* call) {
  decided_ = true;
  write(verdict_, call, -1);
  std::fill(verdict_.begin() + sizeof(Word), verdict_.end(), std::byte{0});
  const auto miss = [&](std::size_t rank) {
    verdict_[sizeof(Word) + rank / 8] |= std::byte{1} << (rank % 8);
  };
  bool any = false;
  for (std::size_t rank = 0; rank < waited_.size(); ++rank)
    if (waited_[rank] < 0) miss(rank), any = true;
  if (!any)
    miss(static_cast<std::size_t>(std::min_element(waited_.begin(), waited_.end()) -
                                  waited_.begin()));
}

bool Arrival::is_missing(int rank) const {
  const auto k = static_cast<std::size_t>(rank);
  return (verdict_[sizeof(Word) + k / 8] >> (k % 8) & std::byte{1}) != std::byte{0};
}

void Arrival::throw_verdict() const {
  Word word;
  std::memcpy(&word, verdict_.data(), sizeof(word));
  const auto missing = [this](int rank) { return is_missing(rank); };
  char limit[32];
  std::snprintf(limit, sizeof(limit), "%g s", seconds(limit_));
  std::string text = word.call;
  text += ": " + ranks_text(size_, missing) + " did not arrive within " + limit;
  if (is_missing(rank_))
    text += "; this is rank " + std::to_string(rank_) + ", and the others went on without it";
  TimeoutError error(text);
  int lowest = 0;
  while (!is_missing(lowest)) ++lowest;
  error.set_origin(lowest, -1);
  throw error;
}

void keep_for_ever(Kept* object) noexcept {
  static std::atomic<Kept*> last{nullptr};
  object->next = last.exchange(object);
}

}  // namespace misfit::detail
