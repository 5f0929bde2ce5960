// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/line_pieces.hpp>
#include <misfit/detail/operators/differences.hpp>
#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit {

/// (D x)_d(p) = x(p + e_d) − x(p), the forward difference along each dimension d of an image, and 0
/// at the last entry of that dimension. For images of any scalar type.
///
/// With misfit::wrap() it states the Itoh fidelity of phase unwrapping, ‖D x − w_t(D y)‖² / (2σ²),
/// of which D x is this operator, w_t(D y) the measurement, and L2{σ} the distance.
///
/// For a Shape{4} and x = (1, 4, 9, 16): A x = (3, 5, 7, 0), A^H A x = (−3, −2, −2, 7).
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
    neighbours_.of_length.extent = neighbours_.of_length.count = neighbours_.length;
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return domain_shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return range_shape_.size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return domain_shape_; }
  /// (dimension, domain shape …).
  const Shape& range_shape() const { return range_shape_; }

  /// The next row, along a dimension of differences (see SlabOperator). Throws ArgumentError if the
  /// image has no such dimension.
  HaloWidth halo_width(std::size_t dimension) const {
    if (dimension >= domain_shape_.rank())
      throw ArgumentError("FiniteDifference: an image of " + domain_shape_.text() +
                          " has no dimension " + std::to_string(dimension));
    return {0, is_channel(dimension) ? 0U : 1U};
  }
  /// The differences of the rows of the slab. Throws ArgumentError unless `slab` owns rows of an
  /// image of this shape.
  MeasurementRows outputs_of(const Slab& slab) const {
    detail::require_slab_of("FiniteDifference", domain_shape_, slab);
    return {range_shape_, slab.dimension + 1, slab.owned};
  }
  /// The differences of its rows. Throws ArgumentError as above, and if `slab` has no ghost row
  /// where one is needed, or some behind the image.
  FiniteDifference on_slab(const Slab& slab) const {
    detail::require_slab_of("FiniteDifference", domain_shape_, slab);
    detail::require_owned_rows("FiniteDifference", slab);
    const bool reaches = !is_channel(slab.dimension) && slab.owned.end < slab.shape[slab.dimension];
    if (reaches && slab.after == 0)
      throw ArgumentError("FiniteDifference: a slab of " + slab.owned.text() +
                          " without a ghost row after them, which their differences read");
    if (!is_channel(slab.dimension) && slab.after > slab.shape[slab.dimension] - slab.owned.end)
      throw ArgumentError(
          "FiniteDifference: a slab with ghost rows behind the image, which are of a "
          "circular halo; differences end with the image");
    return in_window(slab);
  }

  /// The rows of the image along its first dimension (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {range_shape_, 1, {0, domain_shape_[0]}}; }
  /// The differences of these rows. Throws ArgumentError unless there are such.
  detail::OnSegment<FiniteDifference> on_rows(const Rows& rows) const {
    detail::require_rows_of("FiniteDifference", rows, domain_shape_[0]);
    const std::size_t after = !is_channel(0) && rows.end < domain_shape_[0] ? 1 : 0;
    const std::size_t row = domain_size() / domain_shape_[0];
    return {in_window({domain_shape_, 0, rows, 0, after}), domain_size(), rows.begin * row};
  }

  /// d += |D|^T |D| 1: up to 4 for each dimension, which ‖D‖² approaches for large images.
  /// Asynchronous on `exec`.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    const detail::DifferencesAt count{neighbours_};
    detail::for_indices(
        exec, "misfit::FiniteDifference::add_majorizer", domain_size(),
        KOKKOS_LAMBDA(const std::int64_t k) { d(k) += 2.0 * count(k); });
  }

  /// y = D x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires std::same_as<typename X::non_const_value_type, typename Y::value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    using T = typename Y::value_type;
    const std::int64_t lines = neighbours_.output_lines();
    detail::for_line_pieces(exec, "misfit::FiniteDifference::apply", lines,
                            neighbours_.of_length.count,
                            detail::ForwardDifferences<T>{neighbours_, lines, x.data(), y.data()});
  }

  /// x += D^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires std::same_as<typename Y::non_const_value_type, typename X::value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    using T = typename X::value_type;
    detail::for_line_pieces(exec, "misfit::FiniteDifference::add_adjoint", neighbours_.lines,
                            neighbours_.length,
                            detail::BackwardDifferences<T>{neighbours_, neighbours_.output_lines(),
                                                           y.data(), x.data()});
  }

 private:
  bool is_channel(std::size_t dimension) const {
    return dimension + 1 + static_cast<std::size_t>(neighbours_.dimensions) < domain_shape_.rank();
  }

  // The differences at the owned rows of a slab, from these and its ghost rows.
  FiniteDifference in_window(const Slab& slab) const {
    const std::size_t d = slab.dimension, last = domain_shape_.rank() - 1;
    FiniteDifference part(slab.extended(), static_cast<std::size_t>(neighbours_.dimensions) + 1);
    part.range_shape_ = range_shape_.with(d + 1, slab.owned.size());
    detail::RowWindow& window = d == last ? part.neighbours_.of_length : part.neighbours_.of_lines;
    window.extent = static_cast<std::int64_t>(slab.extended()[d]);
    window.first = static_cast<std::int64_t>(slab.before);
    window.count = static_cast<std::int64_t>(slab.owned.size());
    for (std::size_t k = d + 1; k < last; ++k)
      window.stride *= static_cast<std::int64_t>(domain_shape_[k]);
    return part;
  }

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
