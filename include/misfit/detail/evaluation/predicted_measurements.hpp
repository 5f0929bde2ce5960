// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::detail {

/// What this rank's operators Op, from signals of T to measurements of U, made of a batch of
/// signals x: each A_k x and what its derivative needs; and the partial sums of passes over these.
template <typename Op, typename T, typename U, typename Exec>
class PredictedMeasurements {
  using Space = typename Exec::memory_space;

 public:
  /// Takes all memory. Inside of agreed work.
  void reserve(const std::vector<Op>& operators, std::size_t batch) {
    batch_ = batch;
    operators_ = operators.size();
    offsets_.assign(1, 0);
    kept_offsets_.assign(1, 0);
    slots_ = 1;
    for (const Op& op : operators) {
      offsets_.push_back(offsets_.back() + op.range_size());
      kept_offsets_.push_back(kept_offsets_.back() + Linearized<Op, T, U, Exec>::kept_size(op));
      slots_ = std::max(slots_, Tiles(op.range_size()).count);
    }
    predicted_ =
        memory_.predicted.template get<U, Space>(entries(), "misfit::Linearization::predicted")
            .data();
    kept_ =
        memory_.kept
            .template get<T, Space>(kept_offsets_.back() * batch_, "misfit::Linearization::kept")
            .data();
    partial_sums_ =
        memory_.partial_sums
            .template get<PartialSum, Space>(groups() * static_cast<std::size_t>(slots_),
                                             "misfit::Linearization::partial_sums")
            .data();
    memory_.totals.template get<PartialSum, Kokkos::HostSpace>(groups(),
                                                               "misfit::Linearization::totals");
    if constexpr (!in_cpu_form<Exec>)
      memory_.totals_on_device.template get<PartialSum, Space>(groups(),
                                                               "misfit::Linearization::totals");
  }

  std::size_t batch() const { return batch_; }
  /// The entries of all measurements.
  std::size_t entries() const { return offsets_.back() * batch_; }

  /// A_k x_b of this rank's operator k.
  Vector<U, Space> predicted(std::size_t k, std::size_t b) const {
    return part_of(predicted_, k, b);
  }
  /// What its derivative needs.
  Vector<T, Space> kept(std::size_t k, std::size_t b) const {
    return of_operator(kept_, kept_offsets_, k, b);
  }
  /// The part of predicted(k, b) in an array of numbers for all measurements.
  Vector<U, Space> part_of(U* first, std::size_t k, std::size_t b) const {
    return of_operator(first, offsets_, k, b);
  }

  /// Where passes over measurements leave what they sum.
  PartialSum* partial_sums(std::size_t k, std::size_t b) const {
    return partial_sums_ + static_cast<std::int64_t>(k * batch_ + b) * slots_;
  }
  void clear_partial_sums(const Exec& exec) const {
    Kokkos::deep_copy(exec,
                      Kokkos::View<PartialSum*, Space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(
                          partial_sums_, groups() * static_cast<std::size_t>(slots_)),
                      PartialSum{});
  }
  /// What partial sums come to: entry k B + b for operator k and signal b. Blocks.
  const PartialSum* totals(const Exec& exec) {
    const auto totals = memory_.totals.template get<PartialSum, Kokkos::HostSpace>(
        groups(), "misfit::Linearization::totals");
    if constexpr (in_cpu_form<Exec>) {
      // Each by as many as it has: zeros behind them would add them in another order.
      fence(exec, "misfit::Linearization: sums are ready");
      for (std::size_t k = 0; k < operators_; ++k)
        for (std::size_t b = 0; b < batch_; ++b)
          totals(k * batch_ + b) =
              sum_up(partial_sums(k, b), Tiles(offsets_[k + 1] - offsets_[k]).count);
    } else if (groups() > 0) {
      total(exec, partial_sums_, slots_, static_cast<std::int64_t>(groups()),
            memory_.totals_on_device, totals.data());
    }
    return totals.data();
  }

 private:
  std::size_t groups() const { return operators_ * batch_; }

  template <typename V>
  Vector<V, Space> of_operator(V* first, const std::vector<std::size_t>& offsets, std::size_t k,
                               std::size_t b) const {
    const std::size_t size = offsets[k + 1] - offsets[k];
    return Vector<V, Space>(first + offsets[k] * batch_ + b * size, size);
  }

  struct Memory {
    Workspace predicted, kept, partial_sums, totals, totals_on_device;
  };

  std::size_t batch_ = 1, operators_ = 0;
  std::vector<std::size_t> offsets_, kept_offsets_;  // of the operators, for one signal
  std::int64_t slots_ = 1;                           // partial sums of a measurement
  U* predicted_ = nullptr;
  T* kept_ = nullptr;
  PartialSum* partial_sums_ = nullptr;
  Memory memory_;
};

}  // namespace misfit::detail
