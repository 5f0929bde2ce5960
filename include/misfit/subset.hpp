// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>
#include <vector>

namespace misfit {

/// Some of the n operators, for a call of a DistributedDataFidelity over these alone: a step of a
/// stochastic method, or of one with ordered subsets. The same on all ranks; how indices are drawn
/// is the caller's.
class Subset {
 public:
  /// What the sum over the subset S is multiplied by.
  enum class Scale {
    /// Nothing is changed: R_{i ∈ S} as a part of the sum or mean over all n, so that the results
    /// of disjoint subsets add up to that of all operators.
    none,
    /// n / |S|: the mean of the results of subsets of one size that together hold each operator
    /// equally often is that of all operators, and so is the expectation over random ones.
    unbiased
  };

  /// Operators `indices`, each at most once, in any order.
  Subset(std::vector<int> indices, Scale scale) : indices_(std::move(indices)), scale_(scale) {}

  /// Ordered subset `which` of `count`: the operators which, which + count, which + 2 count, … of n
  /// (H. M. Hudson and R. S. Larkin, "Accelerated image reconstruction using ordered subsets of
  /// projection data", 1994). See Partition::ordered_subsets(). Throws ArgumentError unless 0 ≤
  /// which < count and n is not negative.
  static Subset ordered(int n, int count, int which, Scale scale);

  /// Which operators.
  const std::vector<int>& indices() const noexcept { return indices_; }
  /// What their sum is multiplied by.
  Scale scale() const noexcept { return scale_; }

 private:
  std::vector<int> indices_;
  Scale scale_;
};

}  // namespace misfit
