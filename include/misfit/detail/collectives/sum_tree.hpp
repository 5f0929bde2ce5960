// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

namespace misfit::detail {

/// Some of the terms of a sum, begin … end − 1, that a SumTree sums before all others.
struct SumNode {
  int begin, end;
  int depth;   ///< 0: all terms
  long index;  ///< of the nodes of this depth

  int size() const { return end - begin; }
};

/// The binary tree in which n terms are summed, whoever has them. n alone decides it.
///
/// Node i of depth d has the terms ⌊i n/2^d⌋ … ⌊(i + 1) n/2^d⌋ − 1: so that where 2^d ranks have n
/// terms in blocks (Partition::blocks), each rank has one node.
class SumTree {
 public:
  explicit SumTree(int terms) : terms_(terms) {}

  SumNode root() const { return {0, terms_, 0, 0}; }
  /// The first and the second half of `node`, of two terms or more; neither is empty.
  SumNode left(const SumNode& node) const { return node_at(node.depth + 1, 2 * node.index); }
  SumNode right(const SumNode& node) const { return node_at(node.depth + 1, 2 * node.index + 1); }

  /// The fewest nodes that make up the terms which ranks first … end − 1 own, in the order of their
  /// terms.
  std::vector<SumNode> nodes_of(std::span<const int> owners, int first, int end) const;

 private:
  SumNode node_at(int depth, long index) const {
    const auto begin_of = [&](long i) { return static_cast<int>(i * terms_ >> depth); };
    return {begin_of(index), begin_of(index + 1), depth, index};
  }

  int terms_;
};

}  // namespace misfit::detail
