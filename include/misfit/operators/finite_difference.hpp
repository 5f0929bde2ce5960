// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/line_pieces.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit {

namespace detail {

/// Where the neighbours of a line of an image stand: those in its last dimension in the line, those
/// in the dimensions before in others.
struct LineNeighbours {
  struct Dimension {
    KOKKOS_FUNCTION bool has_previous(std::int64_t line) const {
      return line / stride % extent > 0;
    }
    KOKKOS_FUNCTION bool has_next(std::int64_t line) const {
      return line / stride % extent + 1 < extent;
    }
    std::int64_t extent, stride;  // in lines
  };
  std::int64_t lines = 1, length = 1;
  int dimensions = 0;  // beside the last
  Dimension before[2] = {};
};

/// (D x)_d of a piece of a line, for all d.
template <typename T>
struct ForwardDifferences {
  KOKKOS_FUNCTION void operator()(std::int64_t line, std::int64_t begin, std::int64_t end) const {
    const std::int64_t n = at.length, size = at.lines * n;
    const T* const own = x + line * n;
    T* out = y + line * n;
    for (int d = 0; d < at.dimensions; ++d, out += size) {
      const std::int64_t next = at.before[d].stride * n;
      if (at.before[d].has_next(line))
        for_range(begin, end, [=](std::int64_t j) { out[j] = own[j + next] - own[j]; });
      else
        for_range(begin, end, [=](std::int64_t j) { out[j] = T(0); });
    }
    const std::int64_t last = end < n ? end : n - 1;
    for_range(begin, last, [=](std::int64_t j) { out[j] = own[j + 1] - own[j]; });
    if (end == n) out[n - 1] = T(0);
  }

  LineNeighbours at;
  const T* x;
  T* y;
};

/// x += D^H y for a piece of a line.
template <typename T>
struct BackwardDifferences {
  KOKKOS_FUNCTION void operator()(std::int64_t line, std::int64_t begin, std::int64_t end) const {
    const std::int64_t n = at.length, size = at.lines * n;
    T* const out = x + line * n;
    const T* own = y + line * n;
    for (int d = 0; d < at.dimensions; ++d, own += size) {
      const std::int64_t back = at.before[d].stride * n;
      if (at.before[d].has_previous(line))
        for_range(begin, end, [=](std::int64_t j) { out[j] += own[j - back]; });
      if (at.before[d].has_next(line))
        for_range(begin, end, [=](std::int64_t j) { out[j] -= own[j]; });
    }
    const std::int64_t first = begin > 0 ? begin : 1, last = end < n ? end : n - 1;
    for_range(first, end, [=](std::int64_t j) { out[j] += own[j - 1]; });
    for_range(begin, last, [=](std::int64_t j) { out[j] -= own[j]; });
  }

  LineNeighbours at;
  const T* y;
  T* x;
};

}  // namespace detail

/// (D x)_d(p) = x(p + e_d) − x(p), the forward difference along each dimension d of an image, and 0
/// at the last entry of that dimension. For images of any scalar type.
///
/// With misfit::wrap() it states the Itoh fidelity of phase unwrapping, ‖D x − w_t(D y)‖² / (2σ²),
/// of which D x is this operator, w_t(D y) the measurement, and L2{σ} the distance.
class FiniteDifference {
 public:
  /// Along all dimensions of the image. As below.
  explicit FiniteDifference(const Shape& shape) : FiniteDifference(shape, shape.rank()) {}

  /// Along the last `dimensions` of the image; those before are channels.
  ///
  /// Throws ArgumentError if `dimensions` is 0 or more than there are, or `shape` has more than
  /// three.
  FiniteDifference(const Shape& shape, std::size_t dimensions)
      : domain_shape_(shape), range_shape_(range_shape(shape, dimensions)) {
    const std::size_t last = shape.rank() - 1;
    neighbours_.length = static_cast<std::int64_t>(shape[last]);
    for (std::size_t d = last; d-- > 0;) {
      const auto extent = static_cast<std::int64_t>(shape[d]);
      if (d + dimensions > last)
        neighbours_.before[d + dimensions - shape.rank()] = {extent, neighbours_.lines};
      neighbours_.lines *= extent;
    }
    neighbours_.dimensions = static_cast<int>(dimensions) - 1;
  }

  std::size_t domain_size() const { return domain_shape_.size(); }
  std::size_t range_size() const { return range_shape_.size(); }
  const Shape& domain_shape() const { return domain_shape_; }
  /// (dimension, domain shape …).
  const Shape& range_shape() const { return range_shape_; }

  /// 4 for each dimension with neighbours, which ‖D‖² approaches for large images.
  double norm_squared_bound() const {
    int dimensions = neighbours_.length > 1 ? 1 : 0;
    for (int d = 0; d < neighbours_.dimensions; ++d)
      if (neighbours_.before[d].extent > 1) ++dimensions;
    return 4.0 * dimensions;
  }

  /// y = D x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires std::same_as<typename X::non_const_value_type, typename Y::value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    using T = typename Y::value_type;
    detail::for_line_pieces(exec, "misfit::FiniteDifference::apply", neighbours_.lines,
                            neighbours_.length,
                            detail::ForwardDifferences<T>{neighbours_, x.data(), y.data()});
  }

  /// x += D^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires std::same_as<typename Y::non_const_value_type, typename X::value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    using T = typename X::value_type;
    detail::for_line_pieces(exec, "misfit::FiniteDifference::add_adjoint", neighbours_.lines,
                            neighbours_.length,
                            detail::BackwardDifferences<T>{neighbours_, y.data(), x.data()});
  }

 private:
  static Shape range_shape(const Shape& shape, std::size_t dimensions) {
    if (shape.rank() > 3)
      throw ArgumentError("FiniteDifference: shape " + shape.text() +
                          " has more than 3 dimensions");
    if (dimensions == 0 || dimensions > shape.rank())
      throw ArgumentError("FiniteDifference: along " + std::to_string(dimensions) +
                          " dimensions of an image of shape " + shape.text());
    if (shape.rank() == 1) return {dimensions, shape[0]};
    if (shape.rank() == 2) return {dimensions, shape[0], shape[1]};
    return {dimensions, shape[0], shape[1], shape[2]};
  }

  Shape domain_shape_;
  Shape range_shape_;
  detail::LineNeighbours neighbours_;
};

}  // namespace misfit
