// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/local_evaluation.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/tree_call.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace misfit::detail {

/// What the calls of a fidelity need of memory.
struct FidelityMemory {
  EvaluationMemory evaluation;
  Workspace packed_x, packed_y, packed_gradient;  ///< of Views that are not packed
  Workspace data;                                 ///< where this rank's measurements lie
  Workspace zeros;                                ///< that stand for all of them
  Workspace solver;
  Workspace dual;   ///< of a prox on the dual problem
  TreeMemory tree;  ///< where sums are reproducible
};

/// The distances of this rank's operators, one for all or one for each, and what divides their sum.
/// What a DistributedDataFidelity owns.
template <typename D>
class DistanceStack {
 public:
  DistanceStack(D distance, Reduction reduction, Sum sum)
      : reduction_(reduction), sum_(sum), shared_(true) {
    distances_.push_back(std::move(distance));
  }

  template <typename Op, typename F>
  DistanceStack(const OperatorStack<Op>& operators, F&& factory, Reduction reduction, Sum sum)
      : reduction_(reduction), sum_(sum), shared_(false) {
    operators.calls().together(
        {"DistributedDataFidelity",
         {{"reduction", static_cast<std::int64_t>(reduction)},
          {"the kind of sum", static_cast<std::int64_t>(sum)}}},
        [&](ErrorContext& context) {
          indices_ = operators.local_indices();
          for (std::size_t k = 0; k < indices_.size(); ++k) {
            context.operator_index = indices_[k];
            distances_.push_back(make(factory, indices_[k], k, operators.rows(k)));
          }
        });
  }

  Reduction reduction() const { return reduction_; }
  Sum sum() const { return sum_; }
  bool shared() const { return shared_; }
  const D* data() const { return distances_.data(); }
  /// That of the k-th operator of this rank.
  const D& operator[](std::size_t k) const { return distances_[shared_ ? 0 : k]; }
  /// What the distances are multiplied by, over n operators.
  double factor(int n) const { return reduction_ == Reduction::mean ? 1.0 / std::max(1, n) : 1.0; }

  /// Memory for a sum over n operators in the order of their tree; null where that is not wanted.
  TreeMemory* tree_memory(int n) const {
    return sum_ == Sum::reproducible && n > 0 ? &memory_.tree : nullptr;
  }

  /// Throws ArgumentError unless these are distances for `operators`.
  template <typename Op>
  void require_for(const OperatorStack<Op>& operators) const {
    if (shared_ && distances_.empty())
      throw ArgumentError("this DistributedDataFidelity has no distance: it was moved from");
    if (!shared_ && indices_ != operators.local_indices())
      throw ArgumentError(
          "operators: spread over the ranks in another way than those that the distances were made "
          "for");
  }

  /// A call that has applied `some` of n operators.
  void count_pass(int some, int n) const {
    data_passes_ += static_cast<double>(some) / std::max(1, n);
  }
  double data_passes() const { return data_passes_; }

  FidelityMemory& memory() const { return memory_; }
  void clear_caches() const { memory_ = {}; }

 private:
  Reduction reduction_;
  Sum sum_;
  bool shared_;
  std::vector<int> indices_;
  std::vector<D> distances_;
  mutable double data_passes_ = 0;
  mutable FidelityMemory memory_;
};

}  // namespace misfit::detail
