// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/distances/shifted_distance.hpp>
#include <misfit/detail/operators/fused_parts.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace misfit::detail {

/// The operators of a SliceBySlice, one for all slices or one for each, and its passes where these
/// have some (see FusedOperator, StartingOperator, PreparingOperator): each with its own entries of
/// x and of the gradient, its distance, its data and its sums.
template <typename Op>
class SlicedPasses {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  template <typename D, typename X, typename Y, typename Exec>
  static constexpr bool fused = SeparableDistance<D, Entry<Y>> &&
                                FusedOperator<Op, DistanceOfPart<D>, Entry<X>, Entry<Y>, Exec>;
  template <typename D, typename X, typename Y, typename Exec>
  static constexpr bool starts = SeparableDistance<D, Entry<Y>> &&
                                 StartingOperator<Op, DistanceOfPart<D>, Entry<X>, Entry<Y>, Exec>;

 public:
  template <typename D>
  std::size_t partial_sums(const D& distance) const
    requires TakesDistance<Op, DistanceOfPart<D>>
  {
    std::size_t sum = 0;
    for (std::size_t s = 0; s < slices_; ++s)
      sum += of_slice(s).partial_sums(distance_from(distance, s * outputs()));
    return sum;
  }

  template <typename Exec, typename D, typename X, typename Y, typename Sums>
    requires fused<D, X, Y, Exec>
  void fused_fn(const Exec& exec, const D& distance, const X& x, const Y& data,
                const Sums& sums) const {
    for_each_fused(distance, data, sums,
                   [&](const Op& op, std::size_t s, const auto& own, const auto& own_data,
                       const auto& own_sums) {
                     op.fused_fn(exec, own, piece(x, s, inputs()), own_data, own_sums);
                   });
  }

  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires fused<D, X, Y, Exec>
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const Y& data,
                         double factor, const G& g, const Sums& sums) const {
    for_each_fused(distance, data, sums,
                   [&](const Op& op, std::size_t s, const auto& own, const auto& own_data,
                       const auto& own_sums) {
                     op.fused_fn_and_grad(exec, own, piece(x, s, inputs()), own_data, factor,
                                          piece(g, s, inputs()), own_sums);
                   });
  }

  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires starts<D, X, Y, Exec>
  void fused_fn_and_set_grad(const Exec& exec, const D& distance, const X& x, const Y& data,
                             double factor, const G& g, const Sums& sums) const {
    for_each_fused(distance, data, sums,
                   [&](const Op& op, std::size_t s, const auto& own, const auto& own_data,
                       const auto& own_sums) {
                     op.fused_fn_and_set_grad(exec, own, piece(x, s, inputs()), own_data, factor,
                                              piece(g, s, inputs()), own_sums);
                   });
  }

  std::size_t prepared_size() const
    requires Prepares<Op>
  {
    std::size_t sum = 0;
    for (std::size_t s = 0; s < slices_; ++s) sum += data_size(of_slice(s), true);
    return sum;
  }
  template <typename Exec, typename Y, typename P>
    requires Prepares<Op>
  void prepare(const Exec& exec, const Y& y, const P& prepared) const {
    std::size_t at = 0;
    for (std::size_t s = 0; s < slices_; ++s) {
      const Op& op = of_slice(s);
      op.prepare(exec, piece(y, s, outputs()), part(prepared, at, op.prepared_size()));
      at += data_size(op, true);
    }
  }

 protected:
  /// `ops` are one, or `slices`.
  SlicedPasses(std::vector<Op> ops, std::size_t slices) : ops_(std::move(ops)), slices_(slices) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
    if (slices == 0 || ops_.empty()) throw ArgumentError("SliceBySlice: there are no slices");
    inputs_ = ops_[0].domain_size();
    outputs_ = ops_[0].range_size();
    for (std::size_t s = 1; s < ops_.size(); ++s)
      if (ops_[s].domain_size() != inputs_ || ops_[s].range_size() != outputs_)
        throw ArgumentError("SliceBySlice: operator " + std::to_string(s) + " has " +
                            sizes(ops_[s]) + ", operator 0 has " + sizes(ops_[0]));
    if (inputs_ > most / slices || outputs_ > most / slices)
      throw ArgumentError("SliceBySlice: " + std::to_string(slices) +
                          " slices have more entries than can be counted");
  }

  std::size_t slices() const { return slices_; }
  /// Of one slice.
  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }

  const Op& of_slice(std::size_t s) const { return ops_.size() == 1 ? ops_[0] : ops_[s]; }
  /// Those of the slices of `numbers`, or the one of all.
  std::vector<Op> of_slices(const std::vector<std::size_t>& numbers) const {
    if (ops_.size() == 1) return ops_;
    std::vector<Op> some;
    for (const std::size_t s : numbers) some.push_back(ops_[s]);
    return some;
  }

  /// Entries s · count, …, s · count + count − 1.
  template <typename V>
  static auto piece(const V& all, std::size_t s, std::size_t count) {
    return part(all, s * count, count);
  }
  /// Entries first, …, first + count − 1.
  template <typename V>
  static auto part(const V& all, std::size_t first, std::size_t count) {
    return Vector<typename V::value_type, typename V::memory_space>(all.data() + first, count);
  }

 private:
  static std::string sizes(const Op& op) {
    return "sizes " + std::to_string(op.domain_size()) + " and " + std::to_string(op.range_size());
  }

  /// use(op, slice, distance, data, sums) for all slices, with what of each is the slice's.
  template <typename D, typename Y, typename Sums, typename Use>
  void for_each_fused(const D& distance, const Y& data, const Sums& sums, const Use& use) const {
    std::size_t at = 0, next = 0;
    for (std::size_t s = 0; s < slices_; ++s) {
      const Op& op = of_slice(s);
      const auto own = distance_from(distance, s * outputs_);
      const std::size_t size = data_size(op, Prepares<Op>), count = op.partial_sums(own);
      use(op, s, own, part(data, at, size), part(sums, next, count));
      at += size;
      next += count;
    }
  }

  std::vector<Op> ops_;
  std::size_t slices_, inputs_ = 0, outputs_ = 0;
};

}  // namespace misfit::detail
