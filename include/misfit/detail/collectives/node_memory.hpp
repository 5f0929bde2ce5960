// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>

namespace misfit::detail {

/// Memory that ranks of one node share: a segment of each, which all of them read and write.
class NodeMemory {
 public:
  /// None, as in an object that was moved from.
  NodeMemory() = default;
  /// None on all ranks if one of them cannot have its segment or see the others', or if
  /// MISFIT_NODE_SUM is 0 in its environment. `prepare` is handed this rank's segment, full of
  /// zeros, before others see it. Collective over `comm`; takes no memory but the segments.
  NodeMemory(MPI_Comm comm, std::size_t segment_bytes, void (*prepare)(void* segment));
  NodeMemory(NodeMemory&& other) noexcept;
  NodeMemory& operator=(NodeMemory&& other) noexcept;
  ~NodeMemory();

  explicit operator bool() const { return memory_ != nullptr; }
  char* segment(int rank) const {
    return static_cast<char*>(memory_) + static_cast<std::size_t>(rank) * segment_bytes_;
  }

 private:
  bool map(int file, int rank);
  void unmap();

  std::size_t segment_bytes_ = 0, all_bytes_ = 0;
  void* memory_ = nullptr;
};

}  // namespace misfit::detail
