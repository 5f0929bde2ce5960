// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/sums/lanes.hpp>
#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace misfit {

namespace detail {

/// Where in an image the entries come from that a Downsample keeps.
struct KeptEntries {
  /// The flat index of the entry that becomes entry p.
  KOKKOS_INLINE_FUNCTION std::int64_t source(std::int64_t p) const {
    std::int64_t index = 0;
    for (int d = static_cast<int>(Shape::max_rank) - 1; d >= 0; --d) {
      index += p % extent[d] * step[d];
      p /= extent[d];
    }
    return index;
  }
  Kokkos::Array<std::int64_t, Shape::max_rank> extent;
  Kokkos::Array<std::int64_t, Shape::max_rank> step;
};

}  // namespace detail

/// Keeps the entries 0, f, 2f, ... of every dimension, with a factor f for each.
///
/// For a Shape{5}, factor 2 and x = (1, 2, 3, 4, 5): A x = (1, 3, 5), A^H A x = (1, 0, 3, 0, 5).
class Downsample {
 public:
  /// The same factor in every dimension. Throws ArgumentError if it is 0.
  Downsample(const Shape& shape, std::size_t factor) : domain_shape_(shape), range_shape_(shape) {
    factors_.fill(1);
    for (std::size_t d = 0; d < shape.rank(); ++d) keep_every(d, factor);
  }

  /// One factor a dimension, for instance {1, 2, 2} for an image of shape (channel, y, x).
  ///
  /// Throws ArgumentError if one is 0 or their number is not the rank of `shape`.
  Downsample(const Shape& shape, std::initializer_list<std::size_t> factors)
      : domain_shape_(shape), range_shape_(shape) {
    if (factors.size() != shape.rank())
      throw ArgumentError("Downsample: " + std::to_string(factors.size()) +
                          " factors for a shape of " + std::to_string(shape.rank()) +
                          " dimensions");
    factors_.fill(1);
    for (std::size_t d = 0; d < shape.rank(); ++d) keep_every(d, factors.begin()[d]);
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return domain_shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return range_shape_.size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return domain_shape_; }
  /// An extent n becomes ⌈n / f⌉.
  const Shape& range_shape() const { return range_shape_; }
  /// Of this dimension every how manieth entry is kept.
  std::size_t factor(std::size_t dimension) const { return factors_[dimension]; }

  /// ‖A‖².
  double norm_squared_bound() const { return range_size() > 0 ? 1 : 0; }

  /// y(p) = x(f p). Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const detail::KeptEntries kept = grid();
    detail::for_entries(
        exec, "misfit::Downsample::apply", range_size(),
        KOKKOS_LAMBDA(const std::int64_t p) { y(p) = x(kept.source(p)); });
  }

  /// x(f p) += y(p). Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const detail::KeptEntries kept = grid();
    detail::for_entries(
        exec, "misfit::Downsample::add_adjoint", range_size(),
        KOKKOS_LAMBDA(const std::int64_t p) { x(kept.source(p)) += y(p); });
  }

 private:
  detail::KeptEntries grid() const {
    detail::KeptEntries grid;
    std::int64_t step = 1;
    for (std::size_t d = Shape::max_rank; d-- > 0;) {
      const bool exists = d < domain_shape_.rank();
      grid.extent[d] = exists ? static_cast<std::int64_t>(range_shape_[d]) : 1;
      grid.step[d] = exists ? step * static_cast<std::int64_t>(factors_[d]) : 0;
      if (exists) step *= static_cast<std::int64_t>(domain_shape_[d]);
    }
    return grid;
  }

  void keep_every(std::size_t d, std::size_t factor) {
    if (factor == 0)
      throw ArgumentError("Downsample: factor of dimension " + std::to_string(d) + " is 0");
    // A factor beyond the extent keeps one entry, as the extent itself does, and cannot overflow.
    factors_[d] = factor < domain_shape_[d] ? factor : domain_shape_[d];
    range_shape_ = range_shape_.with(d, (domain_shape_[d] - 1) / factors_[d] + 1);
  }

  Shape domain_shape_;
  Shape range_shape_;
  std::array<std::size_t, Shape::max_rank> factors_{};
};

}  // namespace misfit
