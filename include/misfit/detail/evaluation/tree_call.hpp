// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Sums of vectors over operators in the order of their SumTree: so that their bits depend neither
// on the number of ranks nor on which operators these own.

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/collectives/sum_tree.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace misfit::detail {

/// What such sums need of memory.
struct TreeMemory {
  Workspace of_nodes;             ///< the sums of this rank's nodes
  std::vector<Workspace> halves;  ///< of the right halves that are under way, one at each depth
  Workspace spectrum, sum;        ///< of x, and of all gradients, where spectra are added
};

/// The sum of the terms of a node, each a vector of `entries` numbers.
template <typename Exec, typename T>
struct TreeNodeSum {
  /// Given by reference, std::ref(), so that nothing is allocated.
  using SetTerm = std::function<void(int i, T* vector)>;

  /// Sets `sum` to that of `node`, of vectors that set_term(i, vector) sets. Where `sum` is null it
  /// calls these with null, in the same order. Asynchronous on `exec`.
  void take(const SumNode& node, T* sum, const SetTerm& set_term, std::size_t depth = 0) const;

  /// sum += half; public for nvcc.
  void add(const T* half, T* sum) const;

  const Exec& exec;
  const SumTree& tree;
  std::vector<Workspace>& halves;
  std::size_t entries;
};

template <typename Exec, typename T>
void TreeNodeSum<Exec, T>::take(const SumNode& node, T* sum, const SetTerm& set_term,
                                std::size_t depth) const {
  if (node.size() == 1) return set_term(node.begin, sum);
  if (sum != nullptr && halves.size() <= depth) halves.resize(depth + 1);
  take(tree.left(node), sum, set_term, depth + 1);
  T* half = nullptr;
  if (sum != nullptr)
    half = halves[depth]
               .template get<T, typename Exec::memory_space>(
                   entries, "misfit::DistributedDataFidelity::halves")
               .data();
  take(tree.right(node), half, set_term, depth + 1);
  if (sum != nullptr) add(half, sum);
}

template <typename Exec, typename T>
void TreeNodeSum<Exec, T>::add(const T* half, T* sum) const {
  for_entries(
      exec, "misfit::DistributedDataFidelity::add_halves", entries,
      KOKKOS_LAMBDA(const std::int64_t j) { sum[j] += half[j]; });
}

/// A call that sums vectors of T over the operators of all ranks in the order of `tree`.
template <typename Exec, typename T>
class TreeCall {
  using Space = typename Exec::memory_space;

 public:
  /// `sums_in_pairs`: see CollectiveCalls.
  TreeCall(const Exec& exec, const CollectiveCalls& calls, bool sums_in_pairs, TreeSum& tree,
           TreeMemory& memory)
      : exec_(exec),
        calls_(calls),
        tree_(tree),
        memory_(memory),
        in_pairs_(tree.one_node_each() && sums_in_pairs) {}

  /// Takes all memory to set `sum`. Returns where the sums of this rank's nodes go, one behind the
  /// other. Inside of agreed work.
  T* reserve(const Vector<T, Space>& sum);

  /// The sum of a node, of vectors like `sum`.
  TreeNodeSum<Exec, T> node_sum(std::size_t entries) const {
    return {exec_, tree_.tree(), memory_.halves, entries};
  }

  /// Sets `sum` to the sum over all ranks of what `work`, which calls reserve(), has left complete,
  /// and `values` as CollectiveCalls::sum_together() does. Collective; blocks.
  void run(const Call& call, Work work, const std::span<double>& values,
           const Vector<T, Space>& sum);

 private:
  const Exec& exec_;
  const CollectiveCalls& calls_;
  TreeSum& tree_;
  TreeMemory& memory_;
  bool in_pairs_;
  Vector<T, Space> of_nodes_;
};

template <typename Exec, typename T>
T* TreeCall<Exec, T>::reserve(const Vector<T, Space>& sum) {
  // Where ranks sum in the order of the tree already, it is as any other sum.
  if (in_pairs_) return sum.data();
  of_nodes_ = memory_.of_nodes.template get<T, Space>(tree_.own_nodes().size() * sum.extent(0),
                                                      "misfit::DistributedDataFidelity::of_nodes");
  calls_.reserve_in_tree_order(tree_, of_nodes_, sum);
  return of_nodes_.data();
}

template <typename Exec, typename T>
void TreeCall<Exec, T>::run(const Call& call, Work work, const std::span<double>& values,
                            const Vector<T, Space>& sum) {
  if (in_pairs_) {
    calls_.sum_together(exec_, call, work, values, sum);
  } else {
    calls_.sum_together(call, work, values);
    calls_.sum_in_tree_order(exec_, tree_, of_nodes_, sum);
  }
}

// Compiled once, in core/, for the default execution space.
#define MISFIT_TREE_CALL(prefix, Exec, T)      \
  prefix template struct TreeNodeSum<Exec, T>; \
  prefix template class TreeCall<Exec, T>;
MISFIT_FOR_SCALARS(MISFIT_TREE_CALL, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
