// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/sum_tree.hpp>

#include <cstddef>

namespace misfit::detail {

namespace {

// Appends the largest nodes in `node` all of whose terms count, as counted[i] terms before i do.
void append_nodes(const SumTree& tree, const SumNode& node, const std::vector<int>& counted,
                  std::vector<SumNode>& nodes) {
  const int count =
      counted[static_cast<std::size_t>(node.end)] - counted[static_cast<std::size_t>(node.begin)];
  if (count == 0) return;
  if (count == node.size()) {
    nodes.push_back(node);
    return;
  }
  append_nodes(tree, tree.left(node), counted, nodes);
  append_nodes(tree, tree.right(node), counted, nodes);
}

}  // namespace

std::vector<SumNode> SumTree::nodes_of(std::span<const int> owners, int first, int end) const {
  std::vector<int> counted{0};
  counted.reserve(owners.size() + 1);
  for (const int owner : owners)
    counted.push_back(counted.back() + (owner >= first && owner < end ? 1 : 0));
  std::vector<SumNode> nodes;
  append_nodes(*this, root(), counted, nodes);
  return nodes;
}

}  // namespace misfit::detail
