// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/node_memory.hpp>

#include <mpi.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace misfit::detail {

/// Sums vectors over ranks that share a node, through a small piece of memory that they share.
///
/// Every entry is summed in the order of the RankTree of `comm`, so the bits do not depend on how a
/// vector is cut. Each rank gives 260 KiB of memory (more where there are more than 512 ranks).
class NodeSum {
 public:
  /// None on all ranks where `comm` has one rank alone, or no NodeMemory. `comm` is borrowed.
  /// Collective.
  static std::optional<NodeSum> create(MPI_Comm comm);

  /// Replaces `values` by their sums. All ranks call with one count. Blocks.
  void sum(float* values, std::size_t count) { sum_chunks(values, count); }
  void sum(double* values, std::size_t count) { sum_chunks(values, count); }

 private:
  struct Flags;
  struct Chunks;

  NodeSum(MPI_Comm comm, int rank, int size);
  Flags& flags(int rank) const;
  template <typename T>
  T* slot(int rank, std::size_t buffer, int index) const;

  void wait_for(const std::atomic<std::uint64_t>& flag, std::uint64_t value) const;
  template <typename T>
  void sum_chunks(T* values, std::size_t count);
  template <typename T>
  void sum_slice(T* mine, std::size_t buffer, std::size_t count) const;

  MPI_Comm comm_;
  int rank_;
  int size_;
  std::size_t slot_bytes_;
  NodeMemory memory_;
  std::size_t chunks_done_ = 0;
};

}  // namespace misfit::detail
