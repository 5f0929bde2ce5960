// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/subset.hpp>

#include <cstdint>
#include <vector>

namespace misfit::detail {

/// The operators of this rank that a Subset has. Kept from one call to the next, for their plan.
class SelectedOperators {
 public:
  /// Of operators `own`, ascending, of n. Throws ArgumentError if an index is not one of n, or
  /// there twice, or a mean would be over none.
  void select(const Subset& subset, const std::vector<int>& own, int n);

  /// Those of all ranks, ascending.
  const std::vector<int>& indices() const { return indices_; }
  /// Which of these are this rank's, ascending.
  const std::vector<int>& terms() const { return terms_; }
  /// Their places among the rank's operators, ascending.
  const std::vector<int>& places() const { return places_; }
  /// What the factor of all operators is multiplied by.
  double scale() const { return scale_; }

  RowPlan rows;          ///< of operators that can be taken by rows
  bool planned = false;  ///< whether rows is of these places

 private:
  std::vector<int> indices_, terms_, places_;
  double scale_ = 1;
};

/// A number that tells subsets, and kinds of sums over them, apart.
std::int64_t fingerprint_of(const Subset& subset, Sum sum);

}  // namespace misfit::detail
