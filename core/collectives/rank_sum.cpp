// SPDX-License-Identifier: BSD-3-Clause
#include "rank_sum.hpp"

#include "mpi.hpp"
#include "rank_tree.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace misfit::detail {

namespace {

// Messages that a rank sends, and that it receives, in one turn. In a node it is the ranks that
// copy them; between nodes they are on their way.
constexpr int most_at_once = 16;
// The number of the level that is no level between nodes.
constexpr int inside = -1;

// How many nodes meet, of `number` groups of them: four, which takes fewer steps than two and two,
// and adds in the same order.
int members_of(int number) {
  if (number % 4 == 0) return 4;
  int factor = 2;
  while (number % factor != 0) ++factor;
  return factor;
}

}  // namespace

// What this rank sends and receives at one level, two turns of it under way at a time: while what
// has arrived is added, the next arrives.
//
// A turn is about one piece of one lane: entries that in each node one rank sums. Every rank takes
// its turns by the number of the piece, then by the lane; then by the distance of the members that
// exchange. Nobody waits for a turn before it has begun all that come before, so that all end.
class RankSum::Exchange {
 public:
  Exchange(const RankSum& sum, const ReductionBuffer& buffer, int level, Received received)
      : sum_(sum),
        buffer_(buffer),
        number_(level),
        level_(level == inside ? sum.inside_ : sum.between_[static_cast<std::size_t>(level)]),
        received_(received),
        at_once_(level == inside ? 1 : most_at_once) {
    const auto others = static_cast<std::size_t>(level_.members - 1);
    length_ = received == Received::kept ? mpi_piece / buffer.number
                                         : buffer.scratch.size() / (2 * others) / buffer.number;
  }

  void run() {
    std::size_t longest = 0;
    for_lanes([&](const Entries& lane) {
      longest = std::max(longest, held(lane).part(level_.members - 1, level_.members).size());
    });
    int half = 0;
    for (std::size_t piece = 0; piece * length_ < longest; ++piece)
      for_lanes([&](const Entries& lane) {
        half = 1 - half;
        for (int step = 1; step < level_.members; step += at_once_)
          take({lane, piece, half, step, std::min(step + at_once_, level_.members)});
      });
    if (under_way_) finish(*under_way_);
  }

 private:
  // Sends to the members that are step … end − 1 further, and receives from as many before.
  struct Turn {
    Entries lane;
    std::size_t piece;
    int half, step, end;
  };

  // Inside a node there is one lane; between nodes a rank may have several, if there are nodes of
  // several sizes.
  template <typename Use>
  void for_lanes(Use&& use) const {
    const Entries all{0, buffer_.count};
    if (number_ == inside) return use(all);
    const Entries own = all.part(sum_.place_, sum_.nodes_.size(sum_.node_));
    for (Entries lane{own.begin, own.begin}; lane.begin < own.end; lane.begin = lane.end) {
      lane.end = own.end;
      for (const int size : sum_.nodes_.sizes())
        lane.end = std::min(lane.end, all.part(part_with(lane.begin, all.end, size), size).end);
      use(lane);
    }
  }
  // What all members hold of it.
  Entries held(Entries lane) const {
    for (int level = 0; level < number_; ++level) {
      const Level& met = sum_.between_[static_cast<std::size_t>(level)];
      lane = lane.part(met.own, met.members);
    }
    return lane;
  }
  int rank_of(int member, const Entries& lane) const {
    if (number_ == inside) return sum_.nodes_.rank(sum_.node_, member);
    const int node = sum_.node_ + (member - level_.own) * level_.stride;
    return sum_.nodes_.rank(node, part_with(lane.begin, buffer_.count, sum_.nodes_.size(node)));
  }

  Entries piece_of(int member, const Turn& turn) const {
    return held(turn.lane).part(member, level_.members).piece(turn.piece, length_);
  }
  int bytes(const Entries& entries) const {
    return static_cast<int>(entries.size() * buffer_.number);
  }
  std::byte* place(const Entries& entries) const {
    return static_cast<std::byte*>(buffer_.data) + entries.begin * buffer_.number;
  }
  // Where what `member` sends waits until it is added.
  std::byte* arrival(int member, int half) const {
    const int slot = half * (level_.members - 1) + member - (member > level_.own ? 1 : 0);
    return buffer_.scratch.data() + static_cast<std::size_t>(slot) * length_ * buffer_.number;
  }

  void take(const Turn& turn) {
    start(turn);
    if (under_way_) finish(*under_way_);
    under_way_ = turn;
    std::swap(started_, before_);
  }

  void start(const Turn& turn) {
    const int members = level_.members, own = level_.own;
    const Entries mine = piece_of(own, turn);
    started_.fill(MPI_REQUEST_NULL);
    auto* request = started_.data();
    for (int step = turn.step; step < turn.end; ++step) {
      const int from = (own - step + members) % members, to = (own + step) % members;
      const bool kept = received_ == Received::kept;
      const Entries in = kept ? piece_of(from, turn) : mine, out = kept ? mine : piece_of(to, turn);
      if (in.size() > 0)
        check_mpi(MPI_Irecv(kept ? place(in) : arrival(from, turn.half), bytes(in), MPI_BYTE,
                            rank_of(from, turn.lane), message_tag, sum_.comm_, request++),
                  "MPI_Irecv");
      if (out.size() > 0)
        check_mpi(MPI_Isend(place(out), bytes(out), MPI_BYTE, rank_of(to, turn.lane), message_tag,
                            sum_.comm_, request++),
                  "MPI_Isend");
    }
  }

  // `before_` are the requests of `turn`.
  void finish(const Turn& turn) {
    check_mpi(MPI_Waitall(static_cast<int>(before_.size()), before_.data(), MPI_STATUSES_IGNORE),
              "MPI_Waitall");
    if (received_ == Received::kept || turn.end < level_.members) return;
    const RankTree tree(level_.members);
    const Entries mine = piece_of(level_.own, turn);
    if (mine.size() > 0) sum_units(tree, 0, tree.levels, mine, turn.half);
  }

  // Adds what 2^level units from `first` on have given, and returns where the sum is: in its place,
  // if this rank is among them.
  std::byte* sum_units(const RankTree& tree, int first, int level, const Entries& mine, int half) {
    const auto given_by = [&](int member) {
      return member == level_.own ? place(mine) : arrival(member, half);
    };
    const auto sum_of = [&](std::byte* a, std::byte* b) {
      if (b == place(mine)) std::swap(a, b);
      buffer_.add_to(a, b, mine.size());
      return a;
    };
    if (level > 0) {
      std::byte* const left = sum_units(tree, first, level - 1, mine, half);
      return sum_of(left, sum_units(tree, first + (1 << (level - 1)), level - 1, mine, half));
    }
    const int member = tree.first_rank(first);
    return tree.width(first) == 1 ? given_by(member)
                                  : sum_of(given_by(member), given_by(member + 1));
  }

  using Requests = std::array<MPI_Request, 2 * most_at_once>;

  const RankSum& sum_;
  const ReductionBuffer& buffer_;
  int number_;
  Level level_;
  Received received_;
  int at_once_;
  std::size_t length_;
  std::optional<Turn> under_way_;
  Requests started_{}, before_{};
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

RankSum::RankSum(MPI_Comm comm, int rank, const RankNodes& nodes, NodeSum* shared)
    : comm_(comm),
      nodes_(nodes),
      shared_(shared),
      node_(nodes.node_of(rank)),
      place_(nodes.place_of(rank)),
      inside_{nodes.size(node_), 1, place_},
      between_{} {
  for (int stride = 1; stride < nodes.count(); ++levels_) {
    const int members = members_of(nodes.count() / stride);
    between_[static_cast<std::size_t>(levels_)] = {members, stride, node_ / stride % members};
    stride *= members;
  }
}

void RankSum::sum(const ReductionBuffer& buffer, bool all_on_host) {
  if (buffer.count == 0) return;
  NodeSum* const shared = all_on_host ? shared_ : nullptr;
  if (shared != nullptr && levels_ == 0) return shared->sum(buffer);
  sum_inside(buffer, shared, Received::added);
  for (int level = 0; level < levels_; ++level)
    Exchange(*this, buffer, level, Received::added).run();
  for (int level = levels_; level-- > 0;) Exchange(*this, buffer, level, Received::kept).run();
  sum_inside(buffer, shared, Received::kept);
}

void RankSum::sum_inside(const ReductionBuffer& buffer, NodeSum* shared, Received received) const {
  if (inside_.members == 1) return;
  if (shared == nullptr)
    Exchange(*this, buffer, inside, received).run();
  else if (received == Received::added)
    shared->sum_parts(buffer);
  else
    shared->gather_parts(buffer);
}

}  // namespace misfit::detail
