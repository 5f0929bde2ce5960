// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"
#include "node_slots.hpp"
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

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t line = 64;
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
      memory_(
          node,
          round_up(node_flags_bytes + node_chunks * slot_bytes_ * static_cast<std::size_t>(size),
                   page),
          [](void* segment) { new (segment) Flags{}; }) {}

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

// Sets `mine`, of which all ranks have given something, to the sum; for all, or for this one alone.
//
// To write the sum for others where they gave their part moves each cache line to and fro once; a
// place of its own for the sum would cost the writers twice that, and half the speed.
template <typename T>
void NodeSum::sum_given(T* mine, std::size_t buffer, std::size_t count, bool for_all) const {
  if (size_ == 2) {
    T* const other = slot<T>(1 - rank_, buffer, rank_);
    return for_all ? add_to_both(mine, other, count) : add(other, mine, count);
  }
  const RankTree tree(size_);
  T sum[block<T>];
  for (std::size_t first = 0; first < count; first += block<T>) {
    const std::size_t n = std::min(block<T>, count - first);
    const auto part = [&](int rank) {
      return first + (rank == rank_ ? mine : slot<T>(rank, buffer, rank_));
    };
    sum_units(tree, 0, tree.levels, part, sum, n);
    std::copy_n(sum, n, part(rank_));
    for (int rank = 0; rank < size_ && for_all; ++rank)
      if (rank != rank_) std::copy_n(sum, n, part(rank));
  }
}

template void NodeSum::sum_given(float*, std::size_t, std::size_t, bool) const;
template void NodeSum::sum_given(double*, std::size_t, std::size_t, bool) const;

// Every rank sums one slice of each chunk for all. Before it waits for the others' chunk k it
// copies in its chunk k + 1, for which there is a second buffer: so the others seldom wait for it.
// Nobody else touches a rank's buffer before it says `copied`, nor after it has seen that all have
// `taken`, which is: summed their slices.
template <typename T>
void NodeSum::sum_chunks(T* values, std::size_t count) {
  const auto ranks = static_cast<std::size_t>(size_);
  const Chunks chunks(count, ranks * (slot_bytes_ / sizeof(T)));
  const std::size_t done = chunks_done_;
  for (int rank = 0; rank < size_; ++rank) wait_for(flags(rank).taken, done);

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
      if (owner != rank_) std::copy_n(slice, n, slot<T>(rank_, (done + k) % node_chunks, owner));
    });
    flags(rank_).copied.store(done + k + 1, std::memory_order_release);
  };

  if (chunks.number > 0) copy_in(0);
  for (std::size_t k = 0; k < chunks.number; ++k) {
    const std::size_t buffer = (done + k) % node_chunks;
    if (k + 1 < chunks.number) copy_in(k + 1);
    for (int rank = 0; rank < size_; ++rank) wait_for(flags(rank).copied, done + k + 1);
    for_slices(k, [&](int owner, T* slice, std::size_t n) {
      if (owner == rank_) sum_given(slice, buffer, n, true);
    });
    flags(rank_).taken.store(done + k + 1, std::memory_order_release);
    for_slices(k, [&](int owner, T* slice, std::size_t n) {
      if (owner == rank_) return;
      wait_for(flags(owner).taken, done + k + 1);
      std::copy_n(slot<T>(rank_, buffer, owner), n, slice);
    });
  }
  chunks_done_ += chunks.number;
}

void NodeSum::sum(const ReductionBuffer& buffer) {
  if (buffer.number == sizeof(float))
    sum_chunks(static_cast<float*>(buffer.data), buffer.count);
  else
    sum_chunks(static_cast<double*>(buffer.data), buffer.count);
}

std::optional<NodeSum> NodeSum::create(MPI_Comm node, MPI_Comm comm) {
  int rank = 0, size = 1;
  check_mpi(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(node, &size), "MPI_Comm_size");
  if (size == 1) return std::nullopt;
  NodeSum sum(node, rank, size, comm);
  return sum.memory_ ? std::optional<NodeSum>(std::move(sum)) : std::nullopt;
}

}  // namespace misfit::detail
