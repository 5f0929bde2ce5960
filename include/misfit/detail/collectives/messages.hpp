// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace misfit::detail {

/// Messages between ranks that are under way at one time. Those from one rank to another arrive in
/// the order in which they were sent. All functions throw MpiError.
class Messages {
 public:
  explicit Messages(MPI_Comm comm) : comm_(comm) {}

  /// How many messages MPI needs for `bytes`, which it counts in int.
  static std::size_t pieces(std::size_t bytes);
  /// Memory for `count` messages, so that the calls below need none.
  void reserve(std::size_t count) { requests_.reserve(count); }
  /// `into` is not read, and `from` not written, before finish().
  void receive(void* into, std::size_t bytes, int from);
  void send(const void* data, std::size_t bytes, int to);
  /// Blocks until all have arrived and all data sent can be written again.
  void finish();

 private:
  MPI_Comm comm_;
  std::vector<MPI_Request> requests_;
};

}  // namespace misfit::detail
