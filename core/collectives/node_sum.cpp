// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"
#include "rank_tree.hpp"

#include <misfit/detail/collectives/node_sum.hpp>

#include <mpi.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <thread>
#include <utility>

namespace misfit::detail {

// How many chunks a rank has copied in, and of how many it has summed its slice: only ever grow,
// and stand on cache lines of their own.
struct NodeSum::Flags {
  alignas(128) std::atomic<std::uint64_t> copied;
  alignas(128) std::atomic<std::uint64_t> summed;
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

// Cuts a vector into chunks of at most `most` entries, all about equally long.
struct NodeSum::Chunks {
  std::size_t count, number, length;

  Chunks(std::size_t total, std::size_t most)
      : count(total), number((total + most - 1) / most), length(0) {
    if (number > 0) length = (total + number - 1) / number;
  }
  std::size_t begin(std::size_t k) const { return std::min(count, k * length); }
  std::size_t size(std::size_t k) const { return std::min(count, (k + 1) * length) - begin(k); }
};

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t line = 64;
constexpr std::size_t buffers = 2;
// The bytes of one buffer of a rank: small enough for the second-level cache, large enough to make
// the waiting at its end cheap.
constexpr std::size_t buffer_bytes = std::size_t{128} << 10;

std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// `a` and `b` do not overlap, which the compiler must know to use wide instructions.
template <typename T>
void add_to_both(T* __restrict a, T* __restrict b, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) a[j] = b[j] = a[j] + b[j];
}

template <typename T>
void add(const T* __restrict values, T* __restrict sum, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) sum[j] += values[j];
}

template <typename T>
void set_to_sum(const T* __restrict a, const T* __restrict b, T* __restrict sum, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) sum[j] = a[j] + b[j];
}

template <typename T>
constexpr std::size_t block = 2048 / sizeof(T);

// Sets `sum` to the sum of 2^level units from `first` on, at most a block of it.
template <typename T, typename Part>
void sum_units(const RankTree& tree, int first, int level, const Part& part, T* sum,
               std::size_t n) {
  const int rank = tree.first_rank(first), next = tree.first_rank(first + (1 << level));
  if (next - rank == 1) {
    std::copy_n(part(rank), n, sum);
    return;
  }
  if (next - rank == 2) {
    set_to_sum(part(rank), part(rank + 1), sum, n);
    return;
  }
  T right[block<T>];
  sum_units(tree, first, level - 1, part, sum, n);
  sum_units(tree, first + (1 << (level - 1)), level - 1, part, right, n);
  add(right, sum, n);
}

}  // namespace

NodeSum::NodeSum(MPI_Comm node, int rank, int size, MPI_Comm comm)
    : comm_(comm),
      rank_(rank),
      size_(size),
      slot_bytes_(std::max<std::size_t>(buffer_bytes / static_cast<std::size_t>(size) / line, 4) *
                  line),
      memory_(node, round_up(page + buffers * slot_bytes_ * static_cast<std::size_t>(size), page),
              [](void* segment) { new (segment) Flags{}; }) {}

NodeSum::Flags& NodeSum::flags(int rank) const {
  return *std::launder(reinterpret_cast<Flags*>(memory_.segment(rank)));
}

// Ranks may outnumber cores: who waits for long lets others run. And now and then drives MPI, for
// the other may still wait for what this rank has sent before, and MPI holds back.
void NodeSum::wait_for(const std::atomic<std::uint64_t>& flag, std::uint64_t value) const {
  for (int turn = 0; flag.load(std::memory_order_acquire) < value; turn = (turn + 1) % (1 << 20)) {
    if (turn < 2000) continue;
    std::this_thread::yield();
    int any = 0;
    if (turn % 256 == 0) MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &any, MPI_STATUS_IGNORE);
  }
}

// What rank `rank` has for rank `index` to sum; the sum returns in the same place.
template <typename T>
T* NodeSum::slot(int rank, std::size_t buffer, int index) const {
  const auto number = buffer * static_cast<std::size_t>(size_) + static_cast<std::size_t>(index);
  return reinterpret_cast<T*>(memory_.segment(rank) + page + number * slot_bytes_);
}

// Sets `mine`, the own part of the own slice, and the parts of all others to their sum.
//
// To write the sum where the part was read moves each cache line to and fro once; a place of its
// own for the sum would cost the writers twice that, and half the speed.
template <typename T>
void NodeSum::sum_slice(T* mine, std::size_t buffer, std::size_t count) const {
  if (size_ == 2) {
    add_to_both(mine, slot<T>(1 - rank_, buffer, rank_), count);
    return;
  }
  const RankTree tree(size_);
  T sum[block<T>];
  for (std::size_t first = 0; first < count; first += block<T>) {
    const std::size_t n = std::min(block<T>, count - first);
    const auto part = [&](int rank) {
      return first + (rank == rank_ ? mine : slot<T>(rank, buffer, rank_));
    };
    sum_units(tree, 0, tree.levels, part, sum, n);
    for (int rank = 0; rank < size_; ++rank) std::copy_n(sum, n, part(rank));
  }
}

// Every rank sums one slice of each chunk for all. Before it waits for the others' chunk k it
// copies in its chunk k + 1, for which there is a second buffer: so the others seldom wait for it.
// Nobody else touches a rank's buffer before it says `copied`, nor after it has seen all have
// `summed`.
template <typename T>
void NodeSum::sum_chunks(T* values, std::size_t count) {
  const auto ranks = static_cast<std::size_t>(size_);
  const Chunks chunks(count, ranks * (slot_bytes_ / sizeof(T)));
  const std::size_t done = chunks_done_;

  // All slices of chunk k, the successor's first, so that not all ranks read from one at once.
  const auto for_slices = [&](std::size_t k, auto&& use) {
    const std::size_t n = chunks.size(k);
    const std::size_t length = round_up((n + ranks - 1) / ranks, line / sizeof(T));
    for (int step = 1; step <= size_; ++step) {
      const int owner = (rank_ + step) % size_;
      const std::size_t first = std::min(n, static_cast<std::size_t>(owner) * length);
      use(owner, values + chunks.begin(k) + first, std::min(length, n - first));
    }
  };
  const auto copy_in = [&](std::size_t k) {
    for_slices(k, [&](int owner, const T* slice, std::size_t n) {
      if (owner != rank_) std::copy_n(slice, n, slot<T>(rank_, (done + k) % buffers, owner));
    });
    flags(rank_).copied.store(done + k + 1, std::memory_order_release);
  };

  if (chunks.number > 0) copy_in(0);
  for (std::size_t k = 0; k < chunks.number; ++k) {
    const std::size_t buffer = (done + k) % buffers;
    if (k + 1 < chunks.number) copy_in(k + 1);
    for (int rank = 0; rank < size_; ++rank) wait_for(flags(rank).copied, done + k + 1);
    for_slices(k, [&](int owner, T* slice, std::size_t n) {
      if (owner == rank_) sum_slice(slice, buffer, n);
    });
    flags(rank_).summed.store(done + k + 1, std::memory_order_release);
    for_slices(k, [&](int owner, T* slice, std::size_t n) {
      if (owner == rank_) return;
      wait_for(flags(owner).summed, done + k + 1);
      std::copy_n(slot<T>(rank_, buffer, owner), n, slice);
    });
  }
  chunks_done_ += chunks.number;
}

template void NodeSum::sum_chunks(float*, std::size_t);
template void NodeSum::sum_chunks(double*, std::size_t);

std::optional<NodeSum> NodeSum::create(MPI_Comm node, MPI_Comm comm) {
  int rank = 0, size = 1;
  check_mpi(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(node, &size), "MPI_Comm_size");
  if (size == 1) return std::nullopt;
  NodeSum sum(node, rank, size, comm);
  return sum.memory_ ? std::optional<NodeSum>(std::move(sum)) : std::nullopt;
}

}  // namespace misfit::detail
