// SPDX-License-Identifier: BSD-3-Clause
#include "rank_sum.hpp"

#include "mpi.hpp"
#include "rank_tree.hpp"
#include "smallest_factor.hpp"

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

// Of `number` ranks of a node, or groups of them, in the order of the RankTree of all of them:
// pairs of neighbours, and those that are left when their number is odd.
int ranks_that_meet(int number) { return number % 2 == 0 ? 2 : number; }

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
        inside_(level < sum.inside_),
        number_(level),
        level_(sum.level(level)),
        received_(received) {
    const auto others = static_cast<std::size_t>(level_.members - 1);
    length_ = received == Received::kept ? mpi_piece / buffer.number
                                         : buffer.scratch.size() / (2 * others) / buffer.number;
  }

  void run() {
    std::size_t longest = 0;
    for_lanes([&](const Entries& lane) {
      for (int member = 0; member < level_.members; ++member)
        longest = std::max(longest, part(member, lane).size());
    });
    const int at_once = inside_ ? 1 : most_at_once;
    int half = 0;
    for (std::size_t piece = 0; piece * length_ < longest; ++piece)
      for_lanes([&](const Entries& lane) {
        half = 1 - half;
        for (int step = 1; step < level_.members; step += at_once)
          take({lane, piece, half, step, std::min(step + at_once, level_.members)});
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
    if (inside_) return use(all);
    const int here = sum_.nodes_.size(sum_.node_);
    const Entries own = all.part(part_of(sum_.place_, here), here);
    for (Entries lane{own.begin, own.begin}; lane.begin < own.end; lane.begin = lane.end) {
      lane.end = own.end;
      for (const int size : sum_.nodes_.sizes())
        lane.end = std::min(lane.end, all.part(part_with(lane.begin, all.end, size), size).end);
      use(lane);
    }
  }
  // Of what all members hold of a lane, that which `member` sums.
  Entries part(int member, const Entries& lane) const {
    return inside_ ? part_inside(member) : part_between(member, lane);
  }
  Entries part_inside(int member) const {
    const int ranks = sum_.nodes_.size(sum_.node_);
    int first = 0, parts = ranks;
    for (int number = 0; number <= number_; ++number) {
      const Level& met = sum_.level(number);
      parts /= met.members;
      first += parts * (number < number_ ? met.own : member);
    }
    const Entries all{0, buffer_.count};
    return {all.part(first, ranks).begin, all.part(first + parts - 1, ranks).end};
  }
  Entries part_between(int member, Entries lane) const {
    for (int number = sum_.inside_; number < number_; ++number)
      lane = lane.part(sum_.level(number).own, sum_.level(number).members);
    return lane.part(member, level_.members);
  }
  int rank_of(int member, const Entries& lane) const {
    const int away = (member - level_.own) * level_.stride;
    if (inside_) return sum_.nodes_.rank(sum_.node_, sum_.place_ + away);
    const int node = sum_.node_ + away, ranks = sum_.nodes_.size(node);
    return sum_.nodes_.rank(node, place_with(part_with(lane.begin, buffer_.count, ranks), ranks));
  }

  Entries piece_of(int member, const Turn& turn) const {
    return part(member, turn.lane).piece(turn.piece, length_);
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
    check_mpi(wait_for(before_), "MPI_Waitall");
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

  using Requests = std::array<MPI_Request, 2 * std::size_t{most_at_once}>;

  const RankSum& sum_;
  const ReductionBuffer& buffer_;
  bool inside_;
  int number_;
  Level level_;
  Received received_;
  std::size_t length_;
  std::optional<Turn> under_way_;
  Requests started_{}, before_{};
};

RankSum::RankSum(MPI_Comm comm, int rank, const RankNodes& nodes, NodeSum* shared)
    : comm_(comm),
      nodes_(nodes),
      shared_(shared),
      node_(nodes.node_of(rank)),
      place_(nodes.place_of(rank)),
      level_{} {
  const auto add_level = [&](int number, int& stride, int members) {
    level_[static_cast<std::size_t>(levels_++)] = {members, stride, number / stride % members};
    stride *= members;
  };
  const int ranks = nodes.size(node_);
  for (int stride = 1; stride < ranks;) add_level(place_, stride, ranks_that_meet(ranks / stride));
  inside_ = levels_;
  for (int stride = 1; stride < nodes.count();)
    add_level(node_, stride, smallest_factor(nodes.count() / stride));
}

bool RankSum::in_pairs() const {
  if (nodes_.sizes().size() != 1) return false;
  const int ranks = nodes_.size(0);
  for (int rank = 0; rank < ranks * nodes_.count(); ++rank)
    if (nodes_.rank(rank / ranks, rank % ranks) != rank) return false;
  return true;
}

void RankSum::sum(const ReductionBuffer& buffer, bool all_on_host) {
  if (buffer.count == 0) return;
  NodeSum* const shared = all_on_host ? shared_ : nullptr;
  if (shared != nullptr && nodes_.count() == 1) return shared->sum(buffer);
  const int first = shared != nullptr ? inside_ : 0;
  if (shared != nullptr) shared->sum_parts(buffer);
  for (int level = first; level < levels_; ++level)
    Exchange(*this, buffer, level, Received::added).run();
  for (int level = levels_; level-- > first;) Exchange(*this, buffer, level, Received::kept).run();
  if (shared != nullptr) shared->gather_parts(buffer);
}

}  // namespace misfit::detail
