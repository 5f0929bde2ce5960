// SPDX-License-Identifier: BSD-3-Clause
#include "entries.hpp"
#include "mpi.hpp"
#include "smallest_factor.hpp"

#include <misfit/detail/collectives/reduction_buffer.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

namespace misfit::detail {

namespace {

// As much as stays in a second-level cache, of what arrives for one piece.
constexpr std::size_t scratch_wanted = std::size_t{512} << 10;

// Which nodes all ranks have.
struct NodesOfRanks {
  const SumTree& tree;
  std::span<const int> owners;
  std::vector<int> number;        // how many each rank has
  bool in_order_of_ranks = true;  // the i-th of its depth is rank i's

  NodesOfRanks(const SumTree& sum_tree, std::span<const int> of, int ranks)
      : tree(sum_tree), owners(of), number(static_cast<std::size_t>(ranks), 0) {
    if (!owners.empty()) count(tree.root(), owner_of(tree.root()));
  }

 private:
  static constexpr int several = -1;

  // Counts what is below a node of several owners.
  int owner_of(const SumNode& node) {
    if (node.size() == 1) return owners[static_cast<std::size_t>(node.begin)];
    const SumNode left = tree.left(node), right = tree.right(node);
    const int first = owner_of(left), second = owner_of(right);
    if (first == second) return first;
    count(left, first);
    count(right, second);
    return several;
  }
  void count(const SumNode& node, int owner) {
    if (owner == several) return;
    ++number[static_cast<std::size_t>(owner)];
    const auto ranks = static_cast<long>(number.size());
    in_order_of_ranks = in_order_of_ranks && 1L << node.depth == ranks && node.index == owner;
  }
};

// Numbers the vectors that members bring to a level, and finds the additions that make of them the
// vectors of the nodes of all.
template <typename Add>
class Merge {
 public:
  Merge(const SumTree& tree, Add add) : tree_(tree), add_(std::move(add)) {}

  void bring(const std::vector<SumNode>& nodes) {
    for (const SumNode& node : nodes)
      vectors_.emplace(std::pair(node.depth, node.index), static_cast<int>(vectors_.size()));
  }
  // The number of the vector that has the sum of `node` after the additions.
  int vector_of(const SumNode& node) {
    const auto at = vectors_.find({node.depth, node.index});
    if (at != vectors_.end()) return at->second;
    const int left = vector_of(tree_.left(node)), right = vector_of(tree_.right(node));
    add_(left, right);
    return left;
  }

 private:
  const SumTree& tree_;
  Add add_;
  std::map<std::pair<int, long>, int> vectors_;
};

}  // namespace

std::size_t TreeSum::Level::vectors() const {
  return std::accumulate(nodes.begin(), nodes.end(), std::size_t{0});
}

std::size_t TreeSum::Level::vectors_moved() const {
  const std::size_t mine = nodes[static_cast<std::size_t>(own)];
  return vectors() - mine + mine * static_cast<std::size_t>(members - 1);
}

TreeSum::TreeSum(std::span<const int> owners, int rank, int ranks)
    : tree_(static_cast<int>(owners.size())),
      rank_(rank),
      own_(tree_.nodes_of(owners, rank, rank + 1)) {
  const NodesOfRanks nodes(tree_, owners, ranks);
  most_nodes_ = *std::max_element(nodes.number.begin(), nodes.number.end());
  one_node_each_ = nodes.in_order_of_ranks && !owners.empty();
  for (int width = 1; width < ranks;) {
    levels_.push_back(make_level(owners, width, smallest_factor(ranks / width)));
    width *= levels_.back().members;
  }
  std::size_t most_members = 1, most_vectors = own_.size();
  for (const Level& level : levels_) {
    most_members = std::max(most_members, static_cast<std::size_t>(level.members));
    most_vectors = std::max(most_vectors, level.vectors());
  }
  requests_.reserve(2 * most_members);
  held_.reserve(most_vectors);
  met_.reserve(most_vectors);
}

TreeSum::Level TreeSum::make_level(std::span<const int> owners, int width, int members) const {
  Level level{members, width, rank_ / width % members, {}, {}, {}};
  const int first = rank_ / (width * members) * (width * members);
  Merge merge(tree_, [&](int to, int from) { level.additions.push_back({to, from}); });
  for (int member = 0; member < members; ++member) {
    const int begin = first + member * width;
    const auto nodes = tree_.nodes_of(owners, begin, begin + width);
    level.nodes.push_back(nodes.size());
    merge.bring(nodes);
  }
  for (const SumNode& node : tree_.nodes_of(owners, first, first + width * members))
    level.left.push_back(merge.vector_of(node));
  return level;
}

// What a rank sends and receives of one piece of the entries.
class TreeSum::Piece {
 public:
  Piece(TreeSum& sum, MPI_Comm comm, std::size_t number, std::byte* scratch)
      : sum_(sum), comm_(comm), number_(number), scratch_(scratch) {
    add_.number = number;
  }

  // Sets entries begin … end − 1 of `result`; the vectors are in sum.held_.
  void run(std::byte* result, const Entries& all) {
    Entries range = all;
    std::byte* free = scratch_;
    for (const Level& level : sum_.levels_) range = meet(level, range, free);
    if (!sum_.held_.empty() && range.size() > 0 && sum_.held_[0] != result + range.begin * number_)
      std::memcpy(result + range.begin * number_, sum_.held_[0], range.size() * number_);
    for (std::size_t number = sum_.levels_.size(); number-- > 0;)
      give_back(result, all, static_cast<int>(number));
  }

 private:
  int rank_of(const Level& level, int member) const {
    return sum_.rank_ + (member - level.own) * level.width;
  }
  std::size_t bytes(const Entries& entries) const { return entries.size() * number_; }

  // Exchanges parts of `range`, of which held_ has the vectors, and leaves in held_ those of the
  // nodes of all members, for the part that this rank keeps.
  Entries meet(const Level& level, const Entries& range, std::byte*& free) {
    const Entries mine = range.part(level.own, level.members);
    begin();
    sum_.met_.clear();
    for (int member = 0; member < level.members; ++member) {
      const std::size_t nodes = level.nodes[static_cast<std::size_t>(member)];
      if (member == level.own) {
        for (std::byte* vector : sum_.held_)
          sum_.met_.push_back(vector + (mine.begin - range.begin) * number_);
        continue;
      }
      receive(free, nodes * bytes(mine), rank_of(level, member));
      for (std::size_t k = 0; k < nodes; ++k, free += bytes(mine)) sum_.met_.push_back(free);
    }
    for (int step = 1; step < level.members; ++step) {
      const int member = (level.own + step) % level.members;
      const Entries its = range.part(member, level.members);
      std::byte* const packed = free;
      for (const std::byte* vector : sum_.held_) {
        std::memcpy(free, vector + (its.begin - range.begin) * number_, bytes(its));
        free += bytes(its);
      }
      send(packed, static_cast<std::size_t>(free - packed), rank_of(level, member));
    }
    finish();
    const auto met = [&](int k) { return sum_.met_[static_cast<std::size_t>(k)]; };
    for (const Addition& addition : level.additions)
      add_.add_to(met(addition.to), met(addition.from), mine.size());
    sum_.held_.clear();
    for (const int k : level.left) sum_.held_.push_back(met(k));
    return mine;
  }

  void give_back(std::byte* result, const Entries& all, int number) {
    Entries range = all;
    for (int before = 0; before < number; ++before) {
      const Level& level = sum_.levels_[static_cast<std::size_t>(before)];
      range = range.part(level.own, level.members);
    }
    const Level& level = sum_.levels_[static_cast<std::size_t>(number)];
    const Entries mine = range.part(level.own, level.members);
    begin();
    for (int step = 1; step < level.members; ++step) {
      const int from = (level.own + level.members - step) % level.members;
      const Entries its = range.part(from, level.members);
      receive(result + its.begin * number_, bytes(its), rank_of(level, from));
    }
    for (int step = 1; step < level.members; ++step)
      send(result + mine.begin * number_, bytes(mine),
           rank_of(level, (level.own + step) % level.members));
    finish();
  }

  void begin() { sum_.requests_.clear(); }
  void receive(std::byte* into, std::size_t size, int from) {
    if (size == 0) return;
    sum_.requests_.push_back(MPI_REQUEST_NULL);
    check_mpi(MPI_Irecv(into, static_cast<int>(size), MPI_BYTE, from, message_tag, comm_,
                        &sum_.requests_.back()),
              "MPI_Irecv");
  }
  void send(const std::byte* data, std::size_t size, int to) {
    if (size == 0) return;
    sum_.requests_.push_back(MPI_REQUEST_NULL);
    check_mpi(MPI_Isend(data, static_cast<int>(size), MPI_BYTE, to, message_tag, comm_,
                        &sum_.requests_.back()),
              "MPI_Isend");
  }
  void finish() { check_mpi(wait_for(sum_.requests_), "MPI_Waitall"); }

  TreeSum& sum_;
  MPI_Comm comm_;
  std::size_t number_;
  std::byte* scratch_;
  ReductionBuffer add_;
};

// The same on all ranks: a part of what they hold arrives at each level, and as much is sent.
std::size_t TreeSum::piece_length(std::size_t count, std::size_t number) const {
  const std::size_t vectors = 2 * levels_.size() * static_cast<std::size_t>(most_nodes_);
  return std::clamp<std::size_t>(scratch_wanted / std::max<std::size_t>(1, number * vectors), 1,
                                 std::max<std::size_t>(1, count));
}

std::size_t TreeSum::scratch_bytes(std::size_t count, std::size_t number) const {
  std::size_t length = piece_length(count, number), entries = 0;
  for (const Level& level : levels_) {
    const auto members = static_cast<std::size_t>(level.members);
    length = (length + members - 1) / members;
    entries += length * level.vectors_moved();
  }
  return entries * number;
}

void TreeSum::sum(MPI_Comm comm, void* given, void* sum, std::size_t count, std::size_t number,
                  std::span<std::byte> scratch) {
  auto* const vectors = static_cast<std::byte*>(given);
  const Entries all{0, count};
  const std::size_t length = piece_length(count, number);
  Piece piece(*this, comm, number, scratch.data());
  for (std::size_t k = 0; k * length < count; ++k) {
    const Entries entries = all.piece(k, length);
    held_.clear();
    for (std::size_t node = 0; node < own_.size(); ++node)
      held_.push_back(vectors + (node * count + entries.begin) * number);
    piece.run(static_cast<std::byte*>(sum), entries);
  }
}

}  // namespace misfit::detail
