// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How the operators of a rank are made by a factory: whole, or together with the ranks of its
// member.

#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/member_piece.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/error.hpp>
#include <misfit/partition.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  calls.together({"DistributedOperator", {{"n", partition.size()}}}, [&](ErrorContext&) {
    own.owners = partition.owners(owner.count);
    // All of it here: between two factories that communicate nothing may fail on one rank alone.
    own.reserve(
        static_cast<std::size_t>(std::count(own.owners.begin(), own.owners.end(), owner.index)));
  });
  // Before factories, which may communicate: those of other operators would wait for each other.
  const auto map = fingerprint(own.owners.data(), own.owners.size() * sizeof(int));
  calls.together({"DistributedOperator", {{"the fingerprint of the partition", map}}},
                 [](ErrorContext&) {});
  calls.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
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

}  // namespace misfit::detail
