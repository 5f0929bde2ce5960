// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/rows.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit {

/// Some of the rows of one operator: those from a fraction of all to another.
struct OperatorPart {
  int index = 0;     ///< of the operator
  double begin = 0;  ///< fraction of its rows, at least 0
  double end = 1;    ///< fraction, from `begin` to 1

  /// Those of an operator of `rows` rows. Parts that meet at a fraction share no row and leave none
  /// out.
  Rows of(std::size_t rows) const;
};

/// Which rank has which rows of the operators 0 … n − 1, where operators are cut: for more ranks
/// than operators, and for equal work on all. Made by Partition::split().
///
/// The operators are laid end to end, each as long as it costs, and cut into as many pieces of one
/// length as there are ranks. So a rank has consecutive operators, of which the first and the last
/// may be parts, and its work differs from the mean by one row at most, where an operator's rows
/// cost the same.
///
/// A rule, made before the number of ranks is known; all ranks must give the same.
class SplitPartition {
 public:
  /// `costs`, in any unit, none negative and all finite; equal ones where all are 0. `rows` is how
  /// many rows each operator has, or is empty: only a factory of parts needs it. Both are checked
  /// where they are used.
  explicit SplitPartition(std::vector<double> costs, std::vector<std::size_t> rows = {});
  /// Of `n` operators of one cost.
  explicit SplitPartition(int n);

  /// A move is a copy: it leaves the source as it was.
  SplitPartition(const SplitPartition&) = default;
  /// Likewise.
  SplitPartition& operator=(const SplitPartition&) = default;

  /// The number of operators n.
  int size() const noexcept { return n_; }
  /// What each operator costs; equal numbers where none were given.
  const std::vector<double>& costs() const noexcept { return costs_; }
  /// How many rows each operator has; empty if that is not known.
  const std::vector<std::size_t>& rows() const noexcept { return rows_; }

  /// The parts of rank `rank` of `ranks`, by ascending operator, none of them empty. Throws
  /// ArgumentError if a cost is negative or not finite, if there are rows for another number of
  /// operators, if there is no such rank, or if n is negative.
  std::vector<OperatorPart> parts(int rank, int ranks) const;

  /// The plan for `ranks` ranks, a line for each. Throws as parts().
  std::string text(int ranks) const;

 private:
  void require_valid() const;

  int n_;
  std::vector<double> costs_;  // none where n is negative
  std::vector<std::size_t> rows_;
};

}  // namespace misfit
