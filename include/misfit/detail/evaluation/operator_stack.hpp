// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>
#include <misfit/detail/evaluation/make_operators.hpp>
#include <misfit/detail/evaluation/make_slab_operators.hpp>
#include <misfit/detail/evaluation/make_split_operators.hpp>
#include <misfit/detail/evaluation/member_piece.hpp>
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/rank_operators.hpp>
#include <misfit/detail/evaluation/rank_plan.hpp>
#include <misfit/detail/evaluation/selected_operators.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/detail/evaluation/tree_order.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/measurements.hpp>
#include <misfit/partition.hpp>
#include <misfit/rows.hpp>
#include <misfit/slabs.hpp>
#include <misfit/split_partition.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::detail {

/// What calls over a stack of operators need of memory.
struct OperatorMemory {
  Workspace measurement;                                      ///< one A_i x
  Workspace packed_input, packed_measurement, packed_output;  ///< of Views that are not packed
  Workspace solver;
  SelectedOperators selected;  ///< of the last call over a Subset
};

/// The operators of this rank, and what it knows of those of others. What a DistributedOperator
/// owns.
template <typename Op>
class OperatorStack {
 public:
  template <typename Factory>
  OperatorStack(MPI_Comm comm, const Partition& partition, Factory&& factory)
      : communicator_(comm), own_(make_operators<Op>(calls(), partition, factory)) {}

  /// Parts of the operators of `partition`. Collective.
  template <typename Factory>
  OperatorStack(MPI_Comm comm, const SplitPartition& partition, Factory&& factory)
      : communicator_(comm), own_(make_split_operators<Op>(calls(), partition, factory)) {}

  /// The operators of members of an ensemble. Collective.
  template <typename Factory>
  OperatorStack(const ProcessGrid& grid, const Partition& partition, Factory&& factory)
      : communicator_(grid.all().native()),
        grid_(grid.duplicate()),
        own_(make_operators_of_members<Op>(*grid_, partition, factory, piece_)) {}

  /// Parts of the n operators factory(i), for the slab of each rank. Collective.
  template <typename Factory>
  OperatorStack(const SlabsInternals& slabs, const Communicator& space, int n, Factory&& factory)
      : communicator_(slabs.grid ? slabs.grid->all().native() : space.native()),
        grid_(slabs.grid ? std::optional(slabs.grid->duplicate()) : std::nullopt),
        own_(make_operators_on_slabs<Op>(calls(), space_calls(), member(), slabs.cut, n, factory,
                                         domain_)) {}

  /// Parts of n operators that factory(i, slab) makes, with a halo of `width`. Collective.
  template <typename Factory>
  OperatorStack(const SlabsInternals& slabs, const Communicator& space, const HaloWidth& width,
                int n, Factory&& factory)
      : communicator_(slabs.grid ? slabs.grid->all().native() : space.native()),
        grid_(slabs.grid ? std::optional(slabs.grid->duplicate()) : std::nullopt),
        own_(make_parts_on_slabs<Op>(calls(), space_calls(), member(), slabs.cut, width, n, factory,
                                     domain_)) {}

  /// How the domain is cut into slabs; null where it is not.
  const SlabDomain* slabs() const { return domain_ ? &*domain_ : nullptr; }
  /// Whether each rank has a piece of x alone.
  bool in_pieces() const { return slabs() != nullptr || communicate(); }
  Pieces pieces() const {
    return {slabs(), calls(),
            grid_ && grid_->members() > 1 ? &Internals::of(grid_->across()) : nullptr};
  }
  /// Those of the ranks that share one x in pieces; of all where it is whole.
  const CollectiveCalls& space_calls() const {
    return grid_ ? Internals::of(grid_->space()) : calls();
  }
  /// The ranks that have the same of x as this one; null where no other has.
  const Communicator* ranks_of_same_x() const {
    if (!in_pieces()) return &communicator_;
    return grid_ ? &grid_->across() : nullptr;
  }
  /// Whether ranks of a member apply operators together.
  bool communicate() const { return piece_.has_value(); }
  /// Whether no rank has an operator whole.
  bool in_parts() const { return own_.in_parts; }
  /// The number of entries of x that this rank's operators take: those of `view` where there are no
  /// operators.
  template <typename V>
  std::size_t local_domain_size(const V& view) const {
    return slabs() != nullptr ? slabs()->extended_size() : unknowns_for(view);
  }
  /// Which rows of the measurement of its k-th operator are this rank's; null where misfit has not
  /// cut it.
  const Rows* rows(std::size_t k) const {
    return own_.parts.empty() ? nullptr : &own_.parts[k].rows;
  }

  const Communicator& communicator() const { return communicator_; }
  const CollectiveCalls& calls() const { return Internals::of(communicator_); }
  int size() const { return own_.size(); }
  int owner(int i) const { return own_.owners[static_cast<std::size_t>(i)]; }
  const std::vector<int>& local_indices() const { return own_.indices; }
  /// Which of this rank's operators is operator i.
  std::size_t place_of(int i) const {
    return static_cast<std::size_t>(std::lower_bound(own_.indices.begin(), own_.indices.end(), i) -
                                    own_.indices.begin());
  }
  const std::vector<Op>& local_operators() const { return own_.operators; }
  std::size_t domain_size() const { return own_.domain_size; }
  std::size_t range_size(int i) const { return own_.range_sizes[static_cast<std::size_t>(i)]; }
  const std::vector<std::size_t>& range_sizes() const { return own_.range_sizes; }
  std::size_t max_local_range_size() const { return own_.max_local_range_size; }
  /// That of the largest whole measurement of all ranks.
  std::size_t largest_range_size() const { return own_.largest_range_size; }

  /// How the rows of this rank's operators are cut, if they can be taken by rows.
  const RowPlan& row_plan() const { return own_.row_plan; }
  /// How they are summed in the order of their SumTree. Collective in its first call, for `call`,
  /// whose arguments `check()` checks. Throws ArgumentError where the number of ranks has cut
  /// operators or x.
  template <typename Check>
  TreeOrder<Op>& tree_order(const Call& call, const Check& check) const {
    if (tree_order_) return *tree_order_;
    // Kept when all ranks have theirs: else some would come here in the next call, and others not.
    std::optional<TreeOrder<Op>> order;
    calls().together(call, [&](ErrorContext&) {
      require_whole();
      check();
      order.emplace(own_, calls().rank(), calls().size());
    });
    // Here all ranks make the same calls; in later ones they have not agreed yet.
    order->agree(calls(), own_);
    tree_order_ = std::move(order);
    return *tree_order_;
  }
  /// Throws ArgumentError if sums over these operators cannot be reproducible.
  void require_whole() const {
    if (in_pieces() || in_parts())
      throw ArgumentError(
          "Sum::reproducible needs whole operators and a whole x: parts and slabs are cut by the "
          "number of ranks");
  }
  /// What this rank's operators made of the data of the last calls.
  PreparedData& prepared_data() const { return prepared_data_; }
  /// What calls need of memory, kept from one to the next.
  OperatorMemory& memory() const { return memory_; }

  /// How operators lie on the ranks, for signals of T. Collective.
  template <typename T>
  DistributionPlan plan() const {
    RankSizes sizes{.operators = own_.operators.size(),
                    .unknowns = domain_size(),
                    .largest_measurement = max_local_range_size(),
                    .entry = sizeof(T),
                    .summed_over = in_pieces() ? member().count : calls().size(),
                    .slabs = slabs(),
                    .place = space_calls().rank()};
    calls().together({"plan", {}}, [&](ErrorContext& context) {
      for_each_local(context, [&](std::size_t, const Op& op) {
        sizes.measured += op.range_size();
        sizes.kept += kept_size_for<T>(op);
      });
    });
    return gathered_plan(calls(), size(), sizes);
  }

  void clear_caches() const {
    memory_ = {};
    prepared_data_ = {};
    if (tree_order_) tree_order_->clear_caches();
    if (domain_) domain_->clear_caches();
    calls().clear_caches();
    if (grid_) grid_->clear_caches();
  }

  /// The number of unknowns: that of `view` where there are no operators, nor slabs.
  template <typename V>
  std::size_t unknowns_for(const V& view) const {
    return size() > 0 || slabs() != nullptr ? domain_size() : signal_size(view);
  }

  /// The vectors of the domain, of the length of `view` where there are no operators.
  template <typename V>
  DomainVectors domain_vectors(const V& view) const {
    if (slabs() != nullptr) return {calls(), space_calls(), slabs()->cut()};
    if (communicate()) return {calls(), space_calls(), piece_->whole, piece_->size, piece_->offset};
    return DomainVectors(unknowns_for(view));
  }

  /// What ranks must agree on of the length of `view`, a vector of the domain: its own, or that of
  /// the whole of which it is a piece.
  template <typename V>
  std::int64_t agreed_unknowns(const V& view) const {
    if (communicate()) return static_cast<std::int64_t>(piece_->whole);
    return static_cast<std::int64_t>(slabs() != nullptr ? slabs()->cut().shape.size()
                                                        : signal_size(view));
  }

  /// The k-th measurement of this rank in a list that require_count() accepts.
  template <MeasurementList Y>
  decltype(auto) local_measurement(const Y& y, std::size_t k) const {
    const bool of_all = y.size() != own_.operators.size();
    return y[of_all ? static_cast<std::size_t>(own_.indices[k]) : k];
  }

  /// Throws ArgumentError unless `y`, an argument of this name, has one View for each operator of
  /// this rank, or for each of all.
  template <MeasurementList Y>
  void require_count(const Y& y, const char* name = "y") const {
    if (y.size() == own_.operators.size() || y.size() == own_.owners.size()) return;
    throw ArgumentError(std::string(name) + ": has " + std::to_string(y.size()) +
                        " measurements, this rank owns " + std::to_string(own_.operators.size()) +
                        " of " + std::to_string(own_.owners.size()) + " operators");
  }

  /// visit(k, op) for the k-th operator of this rank, which `context` names meanwhile.
  template <typename Visit>
  void for_each_local(ErrorContext& context, Visit&& visit) const {
    for (std::size_t k = 0; k < own_.operators.size(); ++k) {
      context.operator_index = own_.indices[k];
      visit(k, own_.operators[k]);
    }
    context.operator_index = -1;
  }

  /// Measurements of Views like V: measurement_of(k) for the k-th of this rank, checked by kernels
  /// on `exec`.
  template <typename V, typename Exec, typename Check, typename MeasurementOf>
  Measurements<Kept<V>> measurements(const Exec& exec, Check&& check,
                                     MeasurementOf&& measurement_of) const {
    std::vector<Kept<V>> local;
    calls().together({"measurements", {}}, [&](ErrorContext& context) {
      check();
      for_each_local(context, [&](std::size_t k, const Op&) {
        const V y = measurement_of(k);
        if (is_whole(y, k)) {
          local.push_back(part_of(exec, y, own_.parts[k]));
        } else {
          require_signals("y", y, batch_size(y), range_size(own_.indices[k]));
          local.push_back(keep(exec, y));
        }
        require_finite(exec, "y", all_signals(local.back()));
      });
    });
    return Measurements<Kept<V>>(std::move(local));
  }

 private:
  // Whether `y` is a whole measurement of which the k-th operator has a part.
  template <typename V>
  bool is_whole(const V& y, std::size_t k) const {
    return !own_.parts.empty() && signal_size(y) != own_.parts[k].size() &&
           signal_size(y) == own_.parts[k].whole.shape.size();
  }

  // Of how many members this rank is in which.
  Owner member() const { return grid_ ? Owner{grid_->member(), grid_->members()} : Owner{0, 1}; }

  Communicator communicator_;
  std::optional<ProcessGrid> grid_;   // none without an Ensemble
  std::optional<MemberPiece> piece_;  // none where operators do not communicate
  std::optional<SlabDomain> domain_;  // none where x is not in slabs
  RankOperators<Op> own_;
  mutable std::optional<TreeOrder<Op>> tree_order_;
  mutable PreparedData prepared_data_;
  mutable OperatorMemory memory_;
};

}  // namespace misfit::detail
