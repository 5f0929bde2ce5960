// SPDX-License-Identifier: BSD-3-Clause
#include "rank_nodes.hpp"

#include "mpi.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstddef>

namespace misfit::detail {

RankNodes::RankNodes(int ranks)
    : ranks_(static_cast<std::size_t>(ranks)),
      begin_(static_cast<std::size_t>(ranks) + 1),
      sizes_(static_cast<std::size_t>(ranks), 0) {
  number();
}

// Nothing is sent in the communicator of a node: SimGrid 3.32 takes messages in it for those in
// others.
void RankNodes::find(MPI_Comm comm) {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Group here = MPI_GROUP_NULL, all = MPI_GROUP_NULL;
  int rank = 0, lowest = 0;
  const int first = 0;
  check_mpi(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node),
            "MPI_Comm_split_type");
  check_mpi(MPI_Comm_group(node, &here), "MPI_Comm_group");
  check_mpi(MPI_Comm_group(comm, &all), "MPI_Comm_group");
  check_mpi(MPI_Group_translate_ranks(here, 1, &first, all, &lowest), "MPI_Group_translate_ranks");
  check_mpi(MPI_Group_free(&here), "MPI_Group_free");
  check_mpi(MPI_Group_free(&all), "MPI_Group_free");
  check_mpi(MPI_Comm_free(&node), "MPI_Comm_free");
  check_mpi(MPI_Allgather(&lowest, 1, MPI_INT, sizes_.data(), 1, MPI_INT, comm), "MPI_Allgather");
  number();
}

void RankNodes::number() {
  const auto ranks = static_cast<int>(ranks_.size());
  const auto lowest = [this](int rank) { return sizes_[static_cast<std::size_t>(rank)]; };
  for (int rank = 0; rank < ranks; ++rank) ranks_[static_cast<std::size_t>(rank)] = rank;
  std::sort(ranks_.begin(), ranks_.end(),
            [&](int a, int b) { return lowest(a) != lowest(b) ? lowest(a) < lowest(b) : a < b; });
  nodes_ = 0;
  for (int k = 0; k < ranks; ++k) {
    const int rank = ranks_[static_cast<std::size_t>(k)];
    if (lowest(rank) == rank) begin_[static_cast<std::size_t>(nodes_++)] = k;
  }
  begin_[static_cast<std::size_t>(nodes_)] = ranks;

  for (int node = 0; node < nodes_; ++node) sizes_[static_cast<std::size_t>(node)] = size(node);
  const auto end = sizes_.begin() + nodes_;
  std::sort(sizes_.begin(), end);
  different_ = static_cast<int>(std::unique(sizes_.begin(), end) - sizes_.begin());
}

int RankNodes::node_of(int rank) const {
  const auto at = static_cast<int>(std::find(ranks_.begin(), ranks_.end(), rank) - ranks_.begin());
  const auto end = begin_.begin() + nodes_;
  return static_cast<int>(std::upper_bound(begin_.begin(), end, at) - begin_.begin()) - 1;
}

int RankNodes::place_of(int rank) const {
  const auto at = static_cast<int>(std::find(ranks_.begin(), ranks_.end(), rank) - ranks_.begin());
  return at - begin(node_of(rank));
}

}  // namespace misfit::detail
