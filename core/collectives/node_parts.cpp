// SPDX-License-Identifier: BSD-3-Clause
#include "entries.hpp"
#include "node_slots.hpp"

#include <misfit/detail/collectives/node_sum.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace misfit::detail {

// The others' first, beginning with the successor's, so that not all ranks read from one at once.
template <typename Use>
void NodeSum::for_others(Use&& use) const {
  for (int step = 1; step < size_; ++step) use((rank_ + step) % size_);
}

// All ranks copy in pieces of what others are to take, two at a time, of which the second goes
// where the one before the first was: when it has been taken.
template <typename Give, typename Take>
void NodeSum::pass(std::size_t pieces, const Give& give, const Take& take) {
  const std::size_t done = chunks_done_;
  const auto copy_in = [&](std::size_t k) {
    const std::size_t before = done + k + 1 < node_chunks ? 0 : done + k + 1 - node_chunks;
    for_others([&](int other) {
      wait_for(flags(other).taken, before);
      give(k, (done + k) % node_chunks, other);
    });
    flags(rank_).copied.store(done + k + 1, std::memory_order_release);
  };
  if (pieces > 0) copy_in(0);
  for (std::size_t k = 0; k < pieces; ++k) {
    if (k + 1 < pieces) copy_in(k + 1);
    take(k, (done + k) % node_chunks, done + k + 1);
    flags(rank_).taken.store(done + k + 1, std::memory_order_release);
  }
  chunks_done_ += pieces;
}

template <typename T>
void NodeSum::sum_own_part(T* values, std::size_t count) {
  const Entries all{0, count};
  const Chunks pieces(all.part(size_ - 1, size_).size(), slot_bytes_ / sizeof(T));
  const auto piece = [&](std::size_t k, int owner) {
    return all.part(part_of(owner, size_), size_).piece(k, pieces.length);
  };
  pass(
      pieces.number,
      [&](std::size_t k, std::size_t buffer, int other) {
        const Entries its = piece(k, other);
        std::copy_n(values + its.begin, its.size(), slot<T>(rank_, buffer, other));
      },
      [&](std::size_t k, std::size_t buffer, std::size_t copied) {
        for_others([&](int other) { wait_for(flags(other).copied, copied); });
        const Entries own = piece(k, rank_);
        sum_given(values + own.begin, buffer, own.size(), false);
      });
}

template <typename T>
void NodeSum::gather_other_parts(T* values, std::size_t count) {
  const Entries all{0, count};
  const Chunks pieces(all.part(size_ - 1, size_).size(),
                      static_cast<std::size_t>(size_) * slot_bytes_ / sizeof(T));
  const auto piece = [&](std::size_t k, int owner) {
    return all.part(part_of(owner, size_), size_).piece(k, pieces.length);
  };
  pass(
      pieces.number,
      // For all at once, in the slots of all, when the last of them has taken what was there.
      [&](std::size_t k, std::size_t buffer, int other) {
        if (other != (rank_ + size_ - 1) % size_) return;
        const Entries own = piece(k, rank_);
        std::copy_n(values + own.begin, own.size(), slot<T>(rank_, buffer, 0));
      },
      [&](std::size_t k, std::size_t buffer, std::size_t copied) {
        for_others([&](int other) {
          wait_for(flags(other).copied, copied);
          const Entries its = piece(k, other);
          std::copy_n(slot<T>(other, buffer, 0), its.size(), values + its.begin);
        });
      });
}

void NodeSum::sum_parts(const ReductionBuffer& buffer) {
  if (buffer.number == sizeof(float))
    sum_own_part(static_cast<float*>(buffer.data), buffer.count);
  else
    sum_own_part(static_cast<double*>(buffer.data), buffer.count);
}

void NodeSum::gather_parts(const ReductionBuffer& buffer) {
  if (buffer.number == sizeof(float))
    gather_other_parts(static_cast<float*>(buffer.data), buffer.count);
  else
    gather_other_parts(static_cast<double*>(buffer.data), buffer.count);
}

}  // namespace misfit::detail
