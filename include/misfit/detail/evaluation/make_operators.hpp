// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How the operators of a rank are made by a factory: whole, together with the ranks of its member,
// as parts for its slab, or as parts of a split.

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/member_piece.hpp>
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/detail/evaluation/split_sizes.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/partition.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/split_partition.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::detail {

/// Tells all ranks the sizes of all operators, which are whole. Collective. Throws ArgumentError if
/// their domains differ in size.
template <typename Op>
void exchange_sizes(const CollectiveCalls& calls, RankOperators<Op>& own) {
  const std::size_t n = own.owners.size();
  std::vector<std::int64_t> sizes;
  calls.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    sizes.assign(2 * n, 0);
    own.range_sizes.resize(n);
    for (std::size_t k = 0; k < own.operators.size(); ++k) {
      context.operator_index = own.indices[k];
      const auto i = static_cast<std::size_t>(own.indices[k]);
      const std::size_t m = own.operators[k].range_size();
      sizes[i] = static_cast<std::int64_t>(m);
      sizes[n + i] = static_cast<std::int64_t>(own.operators[k].domain_size());
      own.max_local_range_size = std::max(own.max_local_range_size, m);
    }
    own.plan_rows();
  });
  calls.sum(sizes.data(), sizes.size());

  // From here on all ranks have the same numbers, so that they throw together without another word.
  for (std::size_t i = 0; i < n; ++i)
    if (sizes[n + i] != sizes[n]) {
      const std::string what = "domain size is " + std::to_string(sizes[n + i]) +
                               ", that of operator 0 is " + std::to_string(sizes[n]);
      rethrow({Failure::Kind::argument, own.owners[i], static_cast<int>(i), 0,
               "DistributedOperator", what.c_str()});
    }
  std::copy_n(sizes.begin(), n, own.range_sizes.begin());
  for (const std::size_t m : own.range_sizes)
    own.largest_range_size = std::max(own.largest_range_size, m);
  own.domain_size = n > 0 ? static_cast<std::size_t>(sizes[n]) : 0;
}

/// Which of how many owners of operators a rank is, or is one of.
struct Owner {
  int index, count;
};

/// Those that `partition` gives to `owner`, without their sizes. Collective.
template <typename Op, typename Factory>
RankOperators<Op> make_operators_of(const Owner& owner, const CollectiveCalls& calls,
                                    const Partition& partition, Factory& factory) {
  RankOperators<Op> own;
  calls.together({"DistributedOperator", {{"n", partition.size()}}},
                 [&](ErrorContext&) { own.owners = partition.owners(owner.count); });
  const auto map = fingerprint(own.owners.data(), own.owners.size() * sizeof(int));
  calls.together(
      {"DistributedOperator", {{"n", partition.size()}, {"the fingerprint of the partition", map}}},
      [&](ErrorContext& context) {
        for (int i = 0; i < own.size(); ++i) {
          if (own.owners[static_cast<std::size_t>(i)] != owner.index) continue;
          context.operator_index = i;
          own.operators.push_back(make(factory, i, own.operators.size()));
          own.indices.push_back(i);
        }
      });
  return own;
}

/// Those that `partition` gives to this rank. Collective.
template <typename Op, typename Factory>
RankOperators<Op> make_operators(const CollectiveCalls& calls, const Partition& partition,
                                 Factory&& factory) {
  auto own = make_operators_of<Op>({calls.rank(), calls.size()}, calls, partition, factory);
  exchange_sizes(calls, own);
  return own;
}

/// Those that `partition` gives to this rank's member, of which each rank has its share. Collective
/// over all ranks. Sets `piece`.
template <typename Op, typename Factory>
RankOperators<Op> make_operators_of_members(const ProcessGrid& grid, const Partition& partition,
                                            Factory&& factory, std::optional<MemberPiece>& piece) {
  const CollectiveCalls& calls = Internals::of(grid.all());
  auto own = make_operators_of<Op>({grid.member(), grid.members()}, calls, partition, factory);
  calls.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    own.set_parts_of(own.size());
    for (std::size_t k = 0; k < own.operators.size(); ++k) {
      context.operator_index = own.indices[k];
      own.set_range_size(k);
      if (own.operators[k].domain_size() != own.operators[0].domain_size())
        throw ArgumentError("domain size is " + std::to_string(own.operators[k].domain_size()) +
                            ", that of another operator of this rank is " +
                            std::to_string(own.operators[0].domain_size()));
    }
    own.plan_rows();
  });
  piece = agree_on_pieces(grid, own.operators.empty(),
                          own.operators.empty() ? 0 : own.operators[0].domain_size());
  own.domain_size = piece->size;
  own.largest_range_size =
      static_cast<std::size_t>(calls.largest(static_cast<double>(own.max_local_range_size))) *
      static_cast<std::size_t>(grid.space().size());
  return own;
}

/// Sets `domain` to slabs with the halo of this rank's operators. Collective over `all`, and over
/// `space`, the ranks of a member, which are `all` where there is one.
inline void make_slab_domain(const CollectiveCalls& all, const CollectiveCalls& space,
                             const ImageCut& cut, const HaloWidth& width,
                             std::optional<SlabDomain>& domain) {
  std::exception_ptr failure;  // of one member, which all others must hear of
  try {
    domain.emplace(space.native(), cut, space.rank(), width);
  } catch (...) {
    if (&all == &space) throw;
    failure = std::current_exception();
  }
  if (&all == &space) return;
  all.together({"DistributedOperator", {}}, [&](ErrorContext&) {
    if (failure) std::rethrow_exception(failure);
  });
}

/// Parts of the n operators factory(i) for the slab of this rank: of all, or of those of its
/// member, i mod members. Collective over `all`. Sets `domain`.
template <typename Op, typename Factory>
RankOperators<Op> make_operators_on_slabs(const CollectiveCalls& all, const CollectiveCalls& space,
                                          const Owner& member, const ImageCut& cut, int n,
                                          Factory&& factory, std::optional<SlabDomain>& domain) {
  RankOperators<Op> own;
  std::vector<MadeBy<Factory>> whole;
  HaloWidth width;
  all.together({"DistributedOperator", {{"n", n}}}, [&](ErrorContext& context) {
    if (n < 0) throw ArgumentError("n: is " + std::to_string(n) + ", must not be negative");
    for (int i = member.index; i < n; i += member.count) {
      context.operator_index = i;
      whole.push_back(make(factory, i, whole.size()));
      require_domain(whole.back(), cut.shape);
      own.largest_range_size = std::max(own.largest_range_size, whole.back().range_size());
      width = wider(width, halo_width_of(whole.back(), cut.dimension));
    }
  });
  make_slab_domain(all, space, cut, width, domain);
  own.domain_size = domain->owned_size();
  all.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    own.set_parts_of(n);
    const Slab slab = domain->slab();
    for (std::size_t k = 0; k < whole.size() && !slab.owned.empty(); ++k) {
      const int i = context.operator_index = member.index + static_cast<int>(k) * member.count;
      if (whole[k].range_size() == 0) continue;
      const MeasurementRows rows = outputs_in(whole[k], slab);
      if (rows.rows.empty()) continue;
      auto part = part_in(whole[k], slab);
      require_part(rows, whole[k].range_size(), domain->extended_size(), part.domain_size(),
                   part.range_size());
      own.add_part(i, std::move(part), rows, space.size());
    }
    own.plan_rows();
  });
  own.largest_range_size =
      static_cast<std::size_t>(all.largest(static_cast<double>(own.largest_range_size)));
  return own;
}

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
    rows.rows = part.of(rows.rows.size());
    sizes.add(i, op.domain_size(), rows);
    if (rows.rows.empty()) return;
    auto of_rows = op.on_rows(rows.rows);
    require_part(rows, op.range_size(), op.domain_size(), of_rows.domain_size(),
                 of_rows.range_size());
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
