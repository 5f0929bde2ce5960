// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/number_text.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/projection/rays.hpp>
#include <misfit/detail/projection/sweep.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace misfit {

/// Where the axis of rotation and the detector of a Radon stand, if not in the middle [pixels].
struct RadonOffsets {
  double axis_row = 0;     ///< of the axis from the middle of the image, down its columns
  double axis_column = 0;  ///< the same along its rows
  /// Of the middle of the detector from the line through the axis, along s: one number for all
  /// angles, one for each of them, or none for 0.
  std::vector<double> detector = {};
};

/// The line integrals of images along parallel rays, for tomography: y(θ, k) = ∫ x along the line
/// X cos θ + Y sin θ = s_k [pixels].
///
/// X runs along a row of the image and Y down its columns, both from the axis of rotation, which
/// stands in the middle of the image, or at RadonOffsets::axis_row and axis_column from there: at
/// entry ((rows − 1) / 2 + axis_row, (columns − 1) / 2 + axis_column). For the K rays of an angle
/// s_k = (k − (K − 1) / 2) · spacing + d with the offset d of the detector, or 0. So a scan whose
/// axis is seen at ray c, the "centre of rotation" of many programs, has d = ((K − 1) / 2 − c) ·
/// spacing. An image of three or four dimensions is projected slice by slice, all with the same
/// offsets: (z, y, x) becomes (z, angle, ray).
///
/// Joseph's model: a ray is summed over rows, or over columns where it meets more of them, with
/// linear interpolation between the two pixels beside it (P. M. Joseph, "An improved algorithm for
/// reprojecting rays through pixel images", 1982). No matrix is stored: both directions gather with
/// the same weights, so that the adjoint is exact, without atomics, and the same bits come out
/// every time. For images of any scalar type. A stack of operators, each with some of the angles,
/// is tomography over ranks.
///
/// For a Shape{2, 2}, angles (0, π/2), 2 rays and x = (1, 2, 3, 4): A x = (4, 6, 3, 7), A^H A x =
/// (7, 9, 11, 13).
template <typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class Radon {
 public:
  /// Where images and projections are.
  using memory_space = MemorySpace;

  /// θ = `angles` [rad], in any order and number; `rays` for each angle, `spacing` pixels apart.
  /// Blocks.
  ///
  /// Throws ArgumentError if the image has one dimension, there are no angles or rays, an angle or
  /// an offset is not finite, the detector has neither one offset nor one for each angle, the
  /// spacing is not positive and finite, spacing or offsets are too small or too large for
  /// positions to be told apart, or a slice or an angle has 2^31 entries or more.
  Radon(const Shape& shape, const std::vector<double>& angles, std::size_t rays,
        double spacing = 1.0, const RadonOffsets& offsets = {})
      : domain_shape_(shape), range_shape_(range_shape(shape, angles.size(), rays)) {
    detail::positive(spacing, "Radon: spacing");
    const std::size_t d = shape.rank() - 2;
    sizes_ = {static_cast<std::int64_t>(shape.size() / shape[d] / shape[d + 1]),
              static_cast<std::int64_t>(shape[d]), static_cast<std::int64_t>(shape[d + 1]),
              static_cast<std::int64_t>(angles.size()), static_cast<std::int64_t>(rays)};
    if (sizes_.rows > largest / sizes_.columns || sizes_.rays > largest)
      throw ArgumentError("Radon: a slice and an angle have fewer than 2^31 entries, not " +
                          std::to_string(sizes_.rows) + " x " + std::to_string(sizes_.columns) +
                          " and " + std::to_string(rays));
    if (!sizes_.countable(spacing))
      throw ArgumentError("Radon: spacing is too small, " + detail::number_text(spacing));
    if (!sizes_.resolved(spacing))
      throw ArgumentError("Radon: spacing is too large, " + detail::number_text(spacing));
    const std::size_t given = offsets.detector.size();
    if (given > 1 && given != angles.size())
      throw ArgumentError("Radon: the detector has " + std::to_string(given) +
                          " offsets, expected one, or one for each of " +
                          std::to_string(angles.size()) + " angles");
    Kokkos::View<detail::RaysOfAngle*, MemorySpace> copied(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Radon::angles"), angles.size());
    const auto host = Kokkos::create_mirror_view(copied);
    for (std::size_t i = 0; i < angles.size(); ++i) {
      if (!std::isfinite(angles[i]))
        throw ArgumentError("Radon: angle " + std::to_string(i) + " is not finite");
      host(i) = detail::rays_of_angle(angles[i], spacing, sizes_, at_angle(offsets, spacing, i));
    }
    Kokkos::deep_copy(copied, host);
    angles_ = copied;
  }

  /// As many rays, one pixel apart, as cover the diagonal of the image. Without offsets.
  Radon(const Shape& shape, const std::vector<double>& angles)
      : Radon(shape, angles, rays_to_cover(shape)) {}

  /// A move is a copy: it leaves the source as it was.
  Radon(const Radon&) = default;
  /// Likewise.
  Radon& operator=(const Radon&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return domain_shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return range_shape_.size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return domain_shape_; }
  /// (angle, ray), behind the dimensions before the last two of the domain.
  const Shape& range_shape() const { return range_shape_; }

  /// Along slices, each for itself; along rows or columns of a slice every angle reads all of them,
  /// and a slab has a share of the angles (see SlabOperator).
  /// Throws ArgumentError if the image has no such dimension.
  HaloWidth halo_width(std::size_t dimension) const {
    if (dimension >= domain_shape_.rank())
      throw ArgumentError("Radon: an image of " + domain_shape_.text() + " has no dimension " +
                          std::to_string(dimension));
    if (in_slices(dimension)) return {domain_shape_[dimension], domain_shape_[dimension]};
    return {};
  }
  /// The slices of the slab, or its share of the angles. Throws ArgumentError unless `slab` owns
  /// rows of an image of this shape.
  MeasurementRows outputs_of(const Slab& slab) const {
    detail::require_slab_of("Radon", domain_shape_, slab);
    if (!in_slices(slab.dimension)) return {range_shape_, slab.dimension, slab.owned};
    const std::size_t d = range_shape_.rank() - 2;
    return {range_shape_, d,
            share_of_rows(slab.owned, slab.shape[slab.dimension], range_shape_[d])};
  }
  /// Of the slices of the slab, or at its share of the angles. Throws ArgumentError as above, and
  /// if `slab` lacks ghost rows, or has some that it must not have.
  Radon on_slab(const Slab& slab) const {
    detail::require_slab_of("Radon", domain_shape_, slab);
    detail::require_owned_rows("Radon", slab);
    const bool all_rows = in_slices(slab.dimension);
    if ((all_rows && !(slab.extended() == domain_shape_)) ||
        (!all_rows && slab.before + slab.after > 0))
      throw ArgumentError("Radon: a slab of " + slab.owned.text() + " with " +
                          std::to_string(slab.before) + " and " + std::to_string(slab.after) +
                          " ghost rows, of an image of " + slab.shape.text() +
                          (all_rows ? ": an angle needs all rows" : ": slices need none"));
    return all_rows ? at_angles(outputs_of(slab).rows) : of_slices(slab.dimension, slab.owned);
  }

  /// Slices, along the first dimension, where there is more than one; else angles (see
  /// SplittableOperator).
  MeasurementRows measurement_rows() const {
    const std::size_t d = by_slices() ? 0 : range_shape_.rank() - 2;
    return {range_shape_, d, {0, range_shape_[d]}};
  }
  /// The projections of these slices, or of all at these angles. Throws ArgumentError unless there
  /// are such.
  detail::OnSegment<Radon> on_rows(const Rows& rows) const {
    const MeasurementRows all = measurement_rows();
    detail::require_rows_of("Radon", rows, all.rows.size());
    if (!by_slices()) return {at_angles(rows), domain_size(), 0};
    const std::size_t slice = domain_size() / all.rows.size();
    return {of_slices(0, rows), domain_size(), rows.begin * slice};
  }

  /// d += A^T A 1: no weight is negative. Blocks.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    detail::add_majorizer_of_non_negative(
        exec, range_size(), d, [&](const auto& x, const auto& y) { apply(exec, x, y); },
        [&](const auto& y, const auto& x) { add_adjoint(exec, y, x); });
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires std::same_as<typename X::non_const_value_type, typename Y::value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    if constexpr (detail::in_cpu_form<Exec>)
      detail::project_by_blocks(exec, sizes_, angles_.data(), x.data(), y.data());
    else
      detail::project(exec, sizes_, angles_.data(), x.data(), y.data());
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires std::same_as<typename Y::non_const_value_type, typename X::value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    if constexpr (detail::in_cpu_form<Exec>)
      detail::back_project_by_blocks(exec, sizes_, angles_.data(), y.data(), x.data());
    else
      detail::back_project(exec, sizes_, angles_.data(), y.data(), x.data());
  }

 private:
  static constexpr std::int64_t largest = 0x7fffffff;

  bool by_slices() const { return domain_shape_.rank() > 2 && domain_shape_[0] > 1; }
  bool in_slices(std::size_t dimension) const { return dimension + 2 >= domain_shape_.rank(); }

  Radon at_angles(const Rows& angles) const {
    Radon part = *this;
    part.range_shape_ = range_shape_.with(range_shape_.rank() - 2, angles.size());
    part.sizes_.angles = static_cast<std::int64_t>(angles.size());
    part.angles_ = Kokkos::subview(angles_, std::pair(angles.begin, angles.end));
    return part;
  }
  Radon of_slices(std::size_t dimension, const Rows& slices) const {
    Radon part = *this;
    part.domain_shape_ = domain_shape_.with(dimension, slices.size());
    part.range_shape_ = range_shape_.with(dimension, slices.size());
    part.sizes_.slices =
        static_cast<std::int64_t>(part.domain_size()) / sizes_.rows / sizes_.columns;
    return part;
  }

  detail::ProjectionOffsets at_angle(const RadonOffsets& offsets, double spacing,
                                     std::size_t i) const {
    const auto& detector = offsets.detector;
    const double own = detector.empty() ? 0.0 : detector[detector.size() == 1 ? 0 : i];
    const detail::ProjectionOffsets at{offsets.axis_row, offsets.axis_column, own};
    if (!std::isfinite(at.reach()) || !sizes_.countable(spacing, at) ||
        !sizes_.resolved(spacing, at))
      throw ArgumentError("Radon: angle " + std::to_string(i) + ": the offsets " +
                          detail::number_text(at.row) + " and " + detail::number_text(at.column) +
                          " of the axis and " + detail::number_text(own) +
                          " of the detector are not finite, or too large");
    return at;
  }

  static Shape range_shape(const Shape& shape, std::size_t angles, std::size_t rays) {
    if (shape.rank() < 2)
      throw ArgumentError("Radon: needs an image of 2 dimensions or more, not of shape " +
                          shape.text());
    if (angles == 0) throw ArgumentError("Radon: there are no angles");
    if (rays == 0) throw ArgumentError("Radon: there are no rays");
    const std::size_t d = shape.rank() - 2;
    // Through 1, so that no product on the way is larger than the last one.
    return shape.with(d, 1).with(d + 1, rays).with(d, angles);
  }

  static std::size_t rays_to_cover(const Shape& shape) {
    if (shape.rank() < 2) return 1;  // to be refused
    return static_cast<std::size_t>(
        std::ceil(std::hypot(static_cast<double>(shape[shape.rank() - 2]),
                             static_cast<double>(shape[shape.rank() - 1]))));
  }

  Shape domain_shape_;
  Shape range_shape_;
  detail::ProjectionSizes sizes_{};
  Kokkos::View<const detail::RaysOfAngle*, MemorySpace> angles_;
};

}  // namespace misfit
