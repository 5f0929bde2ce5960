// SPDX-License-Identifier: BSD-3-Clause
#include "rank_sum.hpp"

#include "mpi.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace misfit::detail {

// A part of the vector: entries begin … end − 1.
struct RankSum::Entries {
  std::size_t begin, end;

  std::size_t size() const { return end - begin; }
  Entries half(bool upper) const {
    const std::size_t middle = begin + size() / 2;
    return upper ? Entries{middle, end} : Entries{begin, middle};
  }
  Entries piece(std::size_t k, std::size_t length) const {
    const std::size_t first = std::min(end, begin + k * length);
    return {first, std::min(end, first + length)};
  }
};

// Two ranks exchange parts of the vector.
struct RankSum::Meeting {
  int peer;
  Entries sends, receives;
};

// What meets at one time, cut into pieces of `length` entries.
struct RankSum::Pieces {
  MPI_Comm comm;
  const ReductionBuffer& buffer;
  std::span<const Meeting> meetings;
  std::size_t length;
  Received received;
  std::array<std::array<MPI_Request, 4>, 2> requests{};

  std::size_t count() const {
    std::size_t longest = 0;
    for (const Meeting& meeting : meetings)
      longest = std::max({longest, meeting.sends.size(), meeting.receives.size()});
    return (longest + length - 1) / length;
  }
  int bytes(const Entries& entries) const {
    return static_cast<int>(entries.size() * buffer.number);
  }
  std::byte* place(const Entries& entries) const {
    return static_cast<std::byte*>(buffer.data) + entries.begin * buffer.number;
  }
  std::byte* arrival(std::size_t k, std::size_t m, const Entries& in) const {
    if (received == Received::kept) return place(in);
    return buffer.scratch.data() + (k % 2 * meetings.size() + m) * length * buffer.number;
  }

  void start(std::size_t k) {
    auto& started = requests[k % 2];
    started.fill(MPI_REQUEST_NULL);
    for (std::size_t m = 0; m < meetings.size(); ++m) {
      const int peer = meetings[m].peer;
      const Entries in = meetings[m].receives.piece(k, length);
      const Entries out = meetings[m].sends.piece(k, length);
      if (in.size() > 0)
        check_mpi(MPI_Irecv(arrival(k, m, in), bytes(in), MPI_BYTE, peer, message_tag, comm,
                            &started[2 * m]),
                  "MPI_Irecv");
      if (out.size() > 0)
        check_mpi(MPI_Isend(place(out), bytes(out), MPI_BYTE, peer, message_tag, comm,
                            &started[2 * m + 1]),
                  "MPI_Isend");
    }
  }
  void finish(std::size_t k) {
    check_mpi(MPI_Waitall(4, requests[k % 2].data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
    if (received == Received::kept) return;
    for (std::size_t m = 0; m < meetings.size(); ++m) {
      const Entries in = meetings[m].receives.piece(k, length);
      buffer.add_to(place(in), arrival(k, m, in), in.size());
    }
  }
};

namespace {

template <typename T>
void add(void* sum, const void* other, std::size_t count) {
  auto* __restrict a = static_cast<T*>(sum);
  const auto* __restrict b = static_cast<const T*>(other);
  for (std::size_t j = 0; j < count; ++j) a[j] += b[j];
}

}  // namespace

void ReductionBuffer::add_to(void* sum, const void* other, std::size_t n) const {
  if (add_on_device != nullptr)
    add_on_device(exec, sum, other, n);
  else if (number == sizeof(float))
    add<float>(sum, other, n);
  else
    add<double>(sum, other, n);
}

RankSum::RankSum(MPI_Comm comm, int rank, const RankTree& tree)
    : comm_(comm),
      tree_(tree),
      rank_(rank),
      unit_(tree.unit_of(rank)),
      place_(rank - tree.first_rank(unit_)),
      lanes_(tree.pairs > 0 ? 2 : 1) {}

void RankSum::sum(const ReductionBuffer& buffer) const {
  meet_twin(buffer, Received::added);
  for (int level = 0; level < tree_.levels; ++level) meet_units(buffer, level, Received::added);
  for (int level = tree_.levels; level-- > 0;) meet_units(buffer, level, Received::kept);
  meet_twin(buffer, Received::kept);
}

// What this unit sums of a lane when it has met others at `level` levels.
RankSum::Entries RankSum::held(std::size_t count, int lane, int level) const {
  Entries entries{0, count};
  if (lanes_ == 2) entries = entries.half(lane == 1);
  for (int met = 0; met < level; ++met) entries = entries.half((unit_ >> met) % 2 == 1);
  return entries;
}

// The other rank of this unit, if there is one.
void RankSum::meet_twin(const ReductionBuffer& buffer, Received received) const {
  if (tree_.width(unit_) == 1) return;
  const Entries own = held(buffer.count, place_, 0), its = held(buffer.count, 1 - place_, 0);
  const Meeting meeting =
      received == Received::added ? Meeting{rank_ ^ 1, its, own} : Meeting{rank_ ^ 1, own, its};
  exchange(buffer, {&meeting, 1}, received);
}

// A rank that is alone in its unit has both lanes, and so may meet two others.
void RankSum::meet_units(const ReductionBuffer& buffer, int level, Received received) const {
  const int other = unit_ ^ (1 << level);
  std::array<Meeting, 2> meetings;
  std::size_t number = 0;
  for (int lane = 0; lane < lanes_; ++lane) {
    if (lane % tree_.width(unit_) != place_) continue;
    const int peer = tree_.first_rank(other) + lane % tree_.width(other);
    const Entries both = held(buffer.count, lane, level);
    const bool upper = (unit_ >> level) % 2 == 1;
    const Entries own = both.half(upper), its = both.half(!upper);
    meetings[number++] =
        received == Received::added ? Meeting{peer, its, own} : Meeting{peer, own, its};
  }
  exchange(buffer, {meetings.data(), number}, received);
}

// In pieces, two of which are under way at a time: one is added while the next arrives.
void RankSum::exchange(const ReductionBuffer& buffer, std::span<const Meeting> meetings,
                       Received received) const {
  const std::size_t room = received == Received::added
                               ? buffer.scratch.size() / (2 * static_cast<std::size_t>(lanes_))
                               : std::size_t{1} << 30;
  Pieces pieces{comm_, buffer, meetings, room / buffer.number, received};
  const std::size_t count = pieces.count();
  for (std::size_t k = 0; k < count; ++k) {
    pieces.start(k);
    if (k > 0) pieces.finish(k - 1);
  }
  if (count > 0) pieces.finish(count - 1);
}

}  // namespace misfit::detail
