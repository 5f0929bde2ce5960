// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/detail/evaluation/split_sizes.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>
#include <misfit/split_partition.hpp>

#include <cstddef>
#include <utility>

namespace misfit::detail {

/// Adds the part of operator `part.index` that a factory makes of the whole operator, or of rows.
template <typename Op, typename Factory>
void add_part_of_split(RankOperators<Op>& own, SplitSizes& sizes, const SplitPartition& partition,
                       const OperatorPart& part, Factory& factory, int ranks) {
  const int i = part.index;
  if constexpr (FactoryOfRows<Factory>) {
    const Rows rows = part.of(known_rows(partition, i));
    if (rows.empty()) return;
    Op op = factory(i, rows);
    const MeasurementRows of_all = rows_of_parts(rows, op.range_size(), known_rows(partition, i));
    sizes.add(i, op.domain_size(), of_all);
    own.add_part(i, std::move(op), of_all, ranks);
  } else {
    const auto op = make(factory, i, own.operators.size());
    if (op.range_size() == 0) return sizes.add_domain(i, op.domain_size());
    MeasurementRows rows = op.measurement_rows();
    require_rows(rows, op.range_size());
    rows.rows = part.of(rows.rows.size());
    sizes.add(i, op.domain_size(), rows);
    if (rows.rows.empty()) return;
    auto of_rows = op.on_rows(rows.rows);
    require_part(rows, op.domain_size(), of_rows.domain_size(), of_rows.range_size());
    own.add_part(i, std::move(of_rows), rows, ranks);
  }
}

/// The parts that `partition` gives to this rank. Collective.
template <typename Op, typename Factory>
RankOperators<Op> make_split_operators(const CollectiveCalls& calls,
                                       const SplitPartition& partition, Factory&& factory) {
  RankOperators<Op> own;
  SplitSizes sizes;
  const int n = partition.size();
  const auto plan =
      fingerprint(partition.costs().data(), partition.costs().size() * sizeof(double));
  calls.together({"DistributedOperator", {{"n", n}, {"the fingerprint of the costs", plan}}},
                 [&](ErrorContext& context) {
                   const auto parts = partition.parts(calls.rank(), calls.size());
                   own.set_parts_of(n);
                   sizes = SplitSizes(n);
                   for (const OperatorPart& part : parts) {
                     context.operator_index = part.index;
                     add_part_of_split(own, sizes, partition, part, factory, calls.size());
                   }
                   own.plan_rows();
                 });
  sizes.agree(calls);
  own.domain_size = sizes.domain_size();
  own.largest_range_size = sizes.largest_range_size();
  return own;
}

}  // namespace misfit::detail
