// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/node_memory.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <mpi.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace misfit::detail {

/// Sums vectors over ranks that share a node, through a small piece of memory that they share.
///
/// Every entry is summed in the order of the RankTree of these ranks, so the bits do not depend on
/// how a vector is cut. Each rank gives 260 KiB of memory (more where there are more than 512
/// ranks).
class NodeSum {
 public:
  /// Of the ranks of `node`; none where that is one alone, or where they get no NodeMemory. Who
  /// waits drives the messages of `comm`, which is borrowed. Collective over `node`.
  static std::optional<NodeSum> create(MPI_Comm node, MPI_Comm comm);

  /// Replaces `buffer`, in host memory, by its sum. All ranks call with one count. Blocks.
  void sum(const ReductionBuffer& buffer);
  /// The same of the part that this rank is to sum (see part_of()); leaves the others.
  void sum_parts(const ReductionBuffer& buffer);
  /// Sets all other parts to what their ranks have in them.
  void gather_parts(const ReductionBuffer& buffer);

 private:
  struct Flags;
  struct Chunks;

  NodeSum(MPI_Comm node, int rank, int size, MPI_Comm comm);
  Flags& flags(int rank) const;
  template <typename T>
  T* slot(int rank, std::size_t buffer, int index) const;

  void wait_for(const std::atomic<std::uint64_t>& flag, std::uint64_t value) const;
  template <typename T>
  void sum_chunks(T* values, std::size_t count);
  template <typename T>
  void sum_given(T* mine, std::size_t buffer, std::size_t count, bool for_all) const;
  template <typename Use>
  void for_others(Use&& use) const;
  template <typename Give, typename Take>
  void pass(std::size_t pieces, const Give& give, const Take& take);
  template <typename T>
  void sum_own_part(T* values, std::size_t count);
  template <typename T>
  void gather_other_parts(T* values, std::size_t count);

  MPI_Comm comm_;
  int rank_;
  int size_;
  std::size_t slot_bytes_;
  NodeMemory memory_;
  std::size_t chunks_done_ = 0;
};

}  // namespace misfit::detail
