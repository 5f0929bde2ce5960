// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/prepared_data.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/detail/evaluation/slab_parts.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/measurements.hpp>
#include <misfit/partition.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/slabs.hpp>

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
};

/// The operators of this rank, and what it knows of those of others. What a DistributedOperator
/// owns.
template <typename Op>
class OperatorStack {
 public:
  template <typename Factory>
  OperatorStack(MPI_Comm comm, const Partition& partition, Factory&& factory)
      : communicator_(comm) {
    calls().together({"DistributedOperator", {{"n", partition.size()}}},
                     [&](ErrorContext&) { owners_ = partition.owners(communicator_.size()); });
    const auto map = fingerprint(owners_.data(), owners_.size() * sizeof(int));
    calls().together({"DistributedOperator",
                      {{"n", partition.size()}, {"the fingerprint of the partition", map}}},
                     [&](ErrorContext& context) {
                       for (int i = 0; i < size(); ++i) {
                         if (owner(i) != communicator_.rank()) continue;
                         context.operator_index = i;
                         local_.push_back(make(factory, i, local_.size()));
                         indices_.push_back(i);
                       }
                     });
    exchange_sizes();
  }

  /// Parts of the n operators factory(i), for the slab of each rank. Collective.
  template <typename Factory>
  OperatorStack(const Slabs& slabs, int n, Factory&& factory)
      : communicator_(slabs.space().native()) {
    const ImageCut& cut = Internals::of(slabs);
    std::vector<MadeBy<Factory>> whole;
    HaloWidth width;
    calls().together({"DistributedOperator", {{"n", n}}}, [&](ErrorContext& context) {
      if (n < 0) throw ArgumentError("n: is " + std::to_string(n) + ", must not be negative");
      for (int i = 0; i < n; ++i) {
        context.operator_index = i;
        whole.push_back(make(factory, i, static_cast<std::size_t>(i)));
        require_domain(whole.back(), cut.shape);
        largest_range_size_ = std::max(largest_range_size_, whole.back().range_size());
        width = wider(width, whole.back().halo_width(cut.dimension));
      }
    });
    domain_.emplace(communicator_.native(), cut, communicator_.rank(), width);
    domain_size_ = domain_->owned_size();
    calls().together({"DistributedOperator", {}}, [&](ErrorContext& context) {
      owners_.assign(static_cast<std::size_t>(n), -1);
      range_sizes_.assign(static_cast<std::size_t>(n), 0);
      for (int i = 0; i < n; ++i) {
        context.operator_index = i;
        add_part(whole[static_cast<std::size_t>(i)], i);
      }
      plan_rows();
    });
  }

  /// How the domain is cut; null where every rank holds all of it.
  const SlabDomain* slabs() const { return domain_ ? &*domain_ : nullptr; }
  /// The number of entries of x that this rank's operators take.
  std::size_t local_domain_size() const {
    return slabs() != nullptr ? slabs()->extended_size() : domain_size_;
  }
  /// Which rows of the measurement of its k-th operator are this rank's; null where all are.
  const Rows* rows(std::size_t k) const { return slabs() != nullptr ? &parts_[k].rows : nullptr; }

  const Communicator& communicator() const { return communicator_; }
  const CollectiveCalls& calls() const { return Internals::of(communicator_); }
  int size() const { return static_cast<int>(owners_.size()); }
  int owner(int i) const { return owners_[static_cast<std::size_t>(i)]; }
  const std::vector<int>& local_indices() const { return indices_; }
  const std::vector<Op>& local_operators() const { return local_; }
  std::size_t domain_size() const { return domain_size_; }
  std::size_t range_size(int i) const { return range_sizes_[static_cast<std::size_t>(i)]; }
  const std::vector<std::size_t>& range_sizes() const { return range_sizes_; }
  std::size_t max_local_range_size() const { return max_local_range_size_; }
  /// That of the largest whole measurement of all ranks.
  std::size_t largest_range_size() const { return largest_range_size_; }

  /// How the rows of this rank's operators are cut, if they can be taken by rows.
  const RowPlan& row_plan() const { return row_plan_; }
  /// What this rank's operators made of the data of the last calls.
  PreparedData& prepared_data() const { return prepared_data_; }
  /// What calls need of memory, kept from one to the next.
  OperatorMemory& memory() const { return memory_; }

  void clear_caches() const {
    memory_ = {};
    prepared_data_ = {};
    if (domain_) domain_->clear_caches();
  }

  /// The number of unknowns: that of `view` where there are no operators.
  template <typename V>
  std::size_t unknowns_for(const V& view) const {
    return size() > 0 ? domain_size_ : signal_size(view);
  }

  /// The vectors of the domain, of the length of `view` where there are no operators.
  template <typename V>
  DomainVectors domain_vectors(const V& view) const {
    if (slabs() != nullptr) return {calls(), slabs()->cut()};
    return DomainVectors(unknowns_for(view));
  }

  /// What ranks must agree on of the length of `view`, a vector of the domain: its own, or that of
  /// the whole image, of which it is a slab.
  template <typename V>
  std::int64_t agreed_unknowns(const V& view) const {
    return static_cast<std::int64_t>(slabs() != nullptr ? slabs()->cut().shape.size()
                                                        : signal_size(view));
  }

  /// The k-th measurement of this rank in a list that require_count() accepts.
  template <MeasurementList Y>
  decltype(auto) local_measurement(const Y& y, std::size_t k) const {
    const bool of_all = y.size() != local_.size();
    return y[of_all ? static_cast<std::size_t>(indices_[k]) : k];
  }

  /// Throws ArgumentError unless `y` has one View for each operator of this rank, or for each of
  /// all.
  template <MeasurementList Y>
  void require_count(const Y& y) const {
    if (y.size() == local_.size() || y.size() == owners_.size()) return;
    throw ArgumentError("y: has " + std::to_string(y.size()) + " measurements, this rank owns " +
                        std::to_string(local_.size()) + " of " + std::to_string(owners_.size()) +
                        " operators");
  }

  /// visit(k, op) for the k-th operator of this rank, which `context` names meanwhile.
  template <typename Visit>
  void for_each_local(ErrorContext& context, Visit&& visit) const {
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      visit(k, local_[k]);
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
          local.push_back(part_of(exec, y, parts_[k]));
        } else {
          require_signals("y", y, batch_size(y), range_size(indices_[k]));
          local.push_back(keep(exec, y));
        }
        require_finite(exec, "y", all_signals(local.back()));
      });
    });
    return Measurements<Kept<V>>(std::move(local));
  }

 private:
  void exchange_sizes();
  void plan_rows() {
    if constexpr (requires(const Op& op) { op.rows_at_once(); })
      row_plan_ = RowPlan(local_.data(), local_.size());
  }

  // Whether `y` is a whole measurement of which the k-th operator has a part.
  template <typename V>
  bool is_whole(const V& y, std::size_t k) const {
    return slabs() != nullptr && signal_size(y) != parts_[k].size() &&
           signal_size(y) == parts_[k].whole.shape.size();
  }

  // Where the domain is cut: the part of A_i that this rank's slab needs, if it needs one.
  template <typename A>
  void add_part(const A& op, int i) {
    const Slab slab = domain_->slab();
    if (slab.owned.empty()) return;
    const SlabOutputs outputs = op.outputs_of(slab);
    if (outputs.rows.empty()) return;
    local_.push_back(op.on_slab(slab));
    indices_.push_back(i);
    parts_.push_back({{outputs.shape, outputs.dimension, communicator_.size()}, outputs.rows});
    const std::size_t m = local_.back().range_size();
    range_sizes_[static_cast<std::size_t>(i)] = m;
    max_local_range_size_ = std::max(max_local_range_size_, m);
  }

  Communicator communicator_;
  std::optional<SlabDomain> domain_;
  std::vector<MeasurementPart> parts_;  // of this rank's operators, where the domain is cut
  std::vector<int> owners_;
  std::vector<int> indices_;
  std::vector<Op> local_;
  std::vector<std::size_t> range_sizes_;
  std::size_t domain_size_ = 0;
  std::size_t max_local_range_size_ = 0;
  std::size_t largest_range_size_ = 0;
  RowPlan row_plan_;
  mutable PreparedData prepared_data_;
  mutable OperatorMemory memory_;
};

template <typename Op>
void OperatorStack<Op>::exchange_sizes() {
  const std::size_t n = owners_.size();
  std::vector<std::int64_t> sizes;
  calls().together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    sizes.assign(2 * n, 0);
    range_sizes_.resize(n);
    for_each_local(context, [&](std::size_t k, const Op& op) {
      const auto i = static_cast<std::size_t>(indices_[k]);
      const std::size_t m = op.range_size();
      sizes[i] = static_cast<std::int64_t>(m);
      sizes[n + i] = static_cast<std::int64_t>(op.domain_size());
      max_local_range_size_ = std::max(max_local_range_size_, m);
    });
    plan_rows();
  });
  communicator_.sum(sizes.data(), sizes.size());

  // From here on all ranks have the same numbers, so that they throw together without another word.
  for (std::size_t i = 0; i < n; ++i)
    if (sizes[n + i] != sizes[n]) {
      const std::string what = "domain size is " + std::to_string(sizes[n + i]) +
                               ", that of operator 0 is " + std::to_string(sizes[n]);
      rethrow({Failure::Kind::argument, owners_[i], static_cast<int>(i), 0, "DistributedOperator",
               what.c_str()});
    }
  std::copy_n(sizes.begin(), n, range_sizes_.begin());
  for (const std::size_t m : range_sizes_) largest_range_size_ = std::max(largest_range_size_, m);
  domain_size_ = n > 0 ? static_cast<std::size_t>(sizes[n]) : 0;
}

}  // namespace misfit::detail
