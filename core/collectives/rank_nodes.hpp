// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cstddef>
#include <span>
#include <vector>

namespace misfit::detail {

/// Which ranks of a communicator share a node.
///
/// Nodes are numbered by their lowest ranks, the ranks of a node, its *places*, in their order.
class RankNodes {
 public:
  /// All ranks on one node. Takes the memory for any other order, too.
  explicit RankNodes(int ranks);

  /// Asks MPI which ranks share memory. Collective over `comm`; takes no memory of misfit's.
  void find(MPI_Comm comm);

  int count() const { return nodes_; }
  int size(int node) const { return begin(node + 1) - begin(node); }
  int rank(int node, int place) const {
    const int at = begin(node) + place;
    return ranks_[static_cast<std::size_t>(at)];
  }
  int node_of(int rank) const;
  int place_of(int rank) const;
  /// The sizes that nodes have, each once.
  std::span<const int> sizes() const {
    return {sizes_.data(), static_cast<std::size_t>(different_)};
  }

 private:
  int begin(int node) const { return begin_[static_cast<std::size_t>(node)]; }
  void number();

  std::vector<int> ranks_;  // node by node
  std::vector<int> begin_;  // of each node in ranks_, and the end
  std::vector<int> sizes_;  // before number(): the lowest ranks
  int nodes_ = 1, different_ = 1;
};

}  // namespace misfit::detail
