// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/sums/blas1.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// The vectors of a domain as solvers see them: whole on every rank, or in pieces.
class DomainVectors {
 public:
  /// Of n entries, whole on every rank.
  explicit DomainVectors(std::size_t n = 0)
      : size_(n), length_(static_cast<std::int64_t>(n)), stride_(length_) {}
  /// Of `size` entries, of which this rank has `length` from `offset` on, and the ranks of `space`
  /// all. The ranks of `all`, among them other members, call together.
  DomainVectors(const CollectiveCalls& all, const CollectiveCalls& space, std::size_t size,
                std::size_t length, std::size_t offset)
      : all_(&all),
        space_(&space),
        size_(size),
        length_(static_cast<std::int64_t>(length)),
        stride_(static_cast<std::int64_t>(size)),
        offset_(static_cast<std::int64_t>(offset)) {}
  /// Of images cut among the ranks of `space`; else as above.
  DomainVectors(const CollectiveCalls& all, const CollectiveCalls& space, const ImageCut& cut)
      : all_(&all),
        space_(&space),
        size_(cut.shape.size()),
        length_(static_cast<std::int64_t>(cut.rows_of(space.rank()).size() * cut.row())),
        stride_(static_cast<std::int64_t>(cut.rows() * cut.row())),
        offset_(static_cast<std::int64_t>(cut.rows_of(space.rank()).begin * cut.row())) {}

  /// The number of entries of a whole vector.
  std::size_t size() const { return size_; }

  /// Re⟨a, b⟩ of whole vectors, the same on all ranks. Collective where they are cut; blocks.
  template <typename Exec, typename A, typename B>
  double dot(const Exec& exec, const A& a, const B& b) const {
    return summed("dot", [&] { return detail::dot(exec, a, b); });
  }
  template <typename Exec, typename A>
  double length(const Exec& exec, const A& a) const {
    return std::sqrt(dot(exec, a, a));
  }

  /// 0, or NaN where an entry is not finite. Collective where they are cut; blocks.
  template <typename Exec, typename A>
  double zero_or_nan(const Exec& exec, const A& a) const {
    return summed("zero_or_nan", [&] { return zero_or_nan_of(exec, a); });
  }
  /// The largest entry of a vector of finite numbers. Collective where they are cut; blocks.
  template <typename Exec, typename A>
  double largest(const Exec& exec, const A& a) const {
    if (space_ == nullptr) return largest_of(exec, a);
    double here = 0;
    all_->together({"largest", {}}, [&](ErrorContext&) { here = largest_of(exec, a); });
    return space_->largest(here);
  }

  /// The sum, and the largest, of a number of each rank that has a piece, which is no NaN; where
  /// vectors are whole, the number itself. Collective where they are cut; blocks.
  double sum_of_pieces(double here) const {
    if (space_ != nullptr) space_->sum(&here, 1);
    return here;
  }
  double largest_of_pieces(double here) const {
    return space_ == nullptr ? here : space_->largest(here);
  }

  /// Where entry j of this rank is in a whole vector.
  KOKKOS_INLINE_FUNCTION std::int64_t index(std::int64_t j) const {
    if (length_ == stride_) return j;
    const std::int64_t line = j / length_;
    return line * stride_ + offset_ + (j - line * length_);
  }

 private:
  // `part()` of this rank, summed over those that have pieces; if one throws, all do.
  template <typename Part>
  double summed(const char* name, const Part& part) const {
    if (space_ == nullptr) return part();
    double sum = 0;
    const auto work = [&](ErrorContext&) { sum = part(); };
    if (all_ == space_) {
      all_->sum_together({name, {}}, work, {&sum, 1});
    } else {
      all_->together({name, {}}, work);
      space_->sum(&sum, 1);
    }
    return sum;
  }

  const CollectiveCalls* all_ = nullptr;    // none where vectors are whole
  const CollectiveCalls* space_ = nullptr;  // the same
  std::size_t size_;
  std::int64_t length_, stride_, offset_ = 0;
};

}  // namespace misfit::detail
