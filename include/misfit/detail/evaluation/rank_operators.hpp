// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/geometry/measurement_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace misfit::detail {

/// The operators of this rank, whole ones or parts, and what it knows of all n.
template <typename Op>
struct RankOperators {
  std::vector<int> owners;    ///< of all; −1 where they are in parts
  std::vector<int> indices;   ///< of this rank's operators, ascending
  std::vector<Op> operators;  ///< this rank's
  std::vector<MeasurementPart>
      parts;  ///< of this rank's operators; none where misfit has not cut them
  std::vector<std::size_t> range_sizes;  ///< of all; where they are in parts, of this rank's
  std::size_t domain_size = 0;           ///< of this rank's vectors
  std::size_t max_local_range_size = 0;  ///< of this rank's operators
  std::size_t largest_range_size = 0;    ///< of the whole measurements of all ranks
  bool in_parts = false;
  RowPlan
      row_plan;  ///< how the rows of this rank's operators are cut, if they can be taken by rows

  /// Memory for `count` operators of this rank.
  void reserve(std::size_t count) {
    operators.reserve(count);
    indices.reserve(count);
  }

  int size() const { return static_cast<int>(owners.size()); }

  /// Where operators are in parts, n of them.
  void set_parts_of(int n) {
    in_parts = true;
    owners.assign(static_cast<std::size_t>(n), -1);
    range_sizes.assign(static_cast<std::size_t>(n), 0);
  }
  /// Notes the size of what the k-th operator gives on this rank.
  void set_range_size(std::size_t k) {
    const std::size_t m = operators[k].range_size();
    range_sizes[static_cast<std::size_t>(indices[k])] = m;
    max_local_range_size = std::max(max_local_range_size, m);
  }
  /// Adds the part of operator `i` that gives these rows of its measurement.
  void add_part(int i, Op op, const MeasurementRows& rows, int ranks) {
    operators.push_back(std::move(op));
    indices.push_back(i);
    parts.push_back({{rows.shape, rows.dimension, ranks}, rows.rows});
    set_range_size(operators.size() - 1);
  }
  /// After the last operator was added.
  void plan_rows() {
    if constexpr (requires(const Op& op) { op.rows_at_once(); })
      row_plan = RowPlan(operators.data(), operators.size());
  }
};

}  // namespace misfit::detail
