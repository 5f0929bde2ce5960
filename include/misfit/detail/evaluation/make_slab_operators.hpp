// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/make_operators.hpp>
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/detail/evaluation/split_sizes.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/slab_part.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::detail {

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
  // Before factories, which may communicate over the ranks of their member.
  all.together({"DistributedOperator", {{"n", n}}}, [&](ErrorContext&) {
    if (n < 0) throw ArgumentError("n: is " + std::to_string(n) + ", must not be negative");
  });
  all.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    for (int i = member.index; i < n; i += member.count) {
      context.operator_index = i;
      whole.push_back(make(factory, i, whole.size()));
      require_domain(whole.back(), cut.shape);
      own.largest_range_size =
          std::max<std::size_t>(own.largest_range_size, whole.back().range_size());
      width = wider(width, halo_width_of(whole.back(), cut.shape, cut.dimension));
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
      require_rows(rows, whole[k].range_size());
      if (rows.rows.empty()) continue;
      auto part = part_in(whole[k], slab);
      require_part(rows, domain->extended_size(), part.domain_size(), part.range_size());
      own.add_part(i, std::move(part), rows, space.size());
    }
    own.plan_rows();
  });
  own.largest_range_size =
      static_cast<std::size_t>(all.largest(static_cast<double>(own.largest_range_size)));
  return own;
}

/// Parts of n operators that factory(i, slab) makes for the slab of this rank, with a halo of
/// `width`. As above.
template <typename Op, typename Factory>
RankOperators<Op> make_parts_on_slabs(const CollectiveCalls& all, const CollectiveCalls& space,
                                      const Owner& member, const ImageCut& cut,
                                      const HaloWidth& width, int n, Factory&& factory,
                                      std::optional<SlabDomain>& domain) {
  RankOperators<Op> own;
  SplitSizes sizes;
  all.together({"DistributedOperator", {{"n", n}}}, [&](ErrorContext&) {
    if (n < 0) throw ArgumentError("n: is " + std::to_string(n) + ", must not be negative");
  });
  make_slab_domain(all, space, cut, width, domain);
  own.domain_size = domain->owned_size();
  all.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    own.set_parts_of(n);
    sizes = SplitSizes(n);
    const Slab slab = domain->slab();
    for (int i = member.index; i < n && !slab.owned.empty(); i += member.count) {
      context.operator_index = i;
      SlabPart<Op> part = factory(i, slab);
      require_rows(part.outputs, part.outputs.shape.size());
      require_part(part.outputs, domain->extended_size(), part.op.domain_size(),
                   part.op.range_size());
      sizes.add(i, cut.shape.size(), part.outputs);
      if (!part.outputs.rows.empty())
        own.add_part(i, std::move(part.op), part.outputs, space.size());
    }
    own.plan_rows();
  });
  sizes.agree(all);
  own.largest_range_size = sizes.largest_range_size();
  return own;
}

}  // namespace misfit::detail
