// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Whether what a call returns has the bits of one rank, on any number of ranks and with any
// partition of 13 operators.

#include "support/errors.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::test {

inline constexpr int operators_in_all = 13;

/// The bytes of everything that a call returns.
using Bits = std::vector<std::byte>;

template <typename T>
void append(Bits& bits, const T* data, std::size_t count) {
  const auto* const begin = reinterpret_cast<const std::byte*>(data);
  bits.insert(bits.end(), begin, begin + count * sizeof(T));
}
template <typename V>
void append(Bits& bits, const V& view) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  append(bits, host.data(), host.size());
}

inline std::vector<Partition> partitions(int ranks) {
  std::vector<int> last(operators_in_all, ranks - 1), scattered;
  std::uint32_t state = 17;
  for (int i = 0; i < operators_in_all; ++i) {
    state = state * 1664525U + 1013904223U;
    scattered.push_back(static_cast<int>((state >> 16) % static_cast<std::uint32_t>(ranks)));
  }
  return {Partition::blocks(operators_in_all), Partition::round_robin(operators_in_all),
          Partition::from_owners(last), Partition::from_owners(scattered)};
}

/// What `evaluate(comm, partition, sum)` gives on this rank alone, and on 1, 2, ... ranks.
template <typename Evaluate>
void expect_same_bits(const Evaluate& evaluate) {
  const Bits alone =
      evaluate(MPI_COMM_SELF, Partition::blocks(operators_in_all), Sum::reproducible);
  bool order_matters = false;
  for (int ranks = world_size() > 8 ? 9 : 1; ranks <= world_size(); ++ranks) {
    MPI_Comm comm = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, world_rank() < ranks ? 0 : MPI_UNDEFINED, 0, &comm);
    if (comm == MPI_COMM_NULL) continue;
    int k = 0;
    for (const Partition& partition : partitions(ranks)) {
      EXPECT_EQ(evaluate(comm, partition, Sum::reproducible), alone)
          << ranks << " ranks, partition " << k;
      order_matters |= evaluate(comm, partition, Sum::run_to_run) != alone;
      ++k;
    }
    MPI_Comm_free(&comm);
  }
  // Else all of the above would say nothing.
  EXPECT_TRUE(order_matters || world_size() <= 2 || world_rank() > 2);
}

}  // namespace misfit::test
