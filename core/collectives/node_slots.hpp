// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What is common to the ways in which NodeSum moves data.

#include <misfit/detail/collectives/node_sum.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace misfit::detail {

// A rank has room for two chunks, behind a page of flags.
constexpr std::size_t node_chunks = 2;
constexpr std::size_t node_flags_bytes = 4096;

// How many chunks a rank has copied in, and of how many it has taken what it was to: only ever
// grow, and stand on cache lines of their own.
struct NodeSum::Flags {
  alignas(128) std::atomic<std::uint64_t> copied;
  alignas(128) std::atomic<std::uint64_t> taken;
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

inline NodeSum::Flags& NodeSum::flags(int rank) const {
  return *std::launder(reinterpret_cast<Flags*>(memory_.segment(rank)));
}

// What rank `rank` has in this buffer for rank `index`.
template <typename T>
T* NodeSum::slot(int rank, std::size_t buffer, int index) const {
  const auto number = buffer * static_cast<std::size_t>(size_) + static_cast<std::size_t>(index);
  return reinterpret_cast<T*>(memory_.segment(rank) + node_flags_bytes + number * slot_bytes_);
}

}  // namespace misfit::detail
