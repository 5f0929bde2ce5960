// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/product.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/convolve.hpp>
#include <misfit/detail/convolution/flipped_kernel.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/upload.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/padding.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace misfit {

/// Convolution with a kernel h: y(p) = Σ_q h(q) x̃(p − q + c), where x̃ is the padded x and
/// c = (k − 1) / 2, rounded down, for a kernel of extent k.
///
/// With Padding::valid, y(p) = Σ_q h(q) x(p + k − 1 − q), and an extent n becomes n − k + 1. A
/// kernel of one, two or three dimensions blurs as many of the last dimensions of the image; those
/// before are channels. A real kernel also blurs complex images. A kernel that is an outer product
/// to rounding is applied one dimension after the other on a CPU: k multiplications an entry and
/// dimension.
///
/// For a Shape{4}, h = (1, 2, 4) and x = (1, 0, 0, 0): A x = (2, 4, 0, 1), A^H A x = (21, 10, 8,
/// 10).
template <Scalar Value, typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class Blur {
 public:
  /// Of the kernel.
  using value_type = Value;

  /// h = `kernel`, a View of rank 1, 2 or 3. Copied. Blocks.
  ///
  /// Throws ArgumentError if h is empty, not finite or of a higher rank than `shape`; larger than
  /// the image with Padding::valid; or if padding would be wider than the image (circular) or than
  /// the image less its edge (reflect).
  template <KokkosView Kernel>
  Blur(const Shape& shape, const Kernel& kernel, Padding padding = Padding::circular)
      : domain_shape_(shape), range_shape_(shape) {
    const auto flipped = detail::flipped_kernel<Value>(kernel);
    weights_ = detail::in_space<MemorySpace>(flipped.entries, "misfit::Blur::kernel");
    factors_ =
        detail::in_space<MemorySpace>(detail::separable_factors(flipped), "misfit::Blur::factors");
    constexpr auto blurred = static_cast<std::size_t>(Kernel::rank);
    if (blurred > shape.rank())
      throw ArgumentError("Blur: kernel of rank " + std::to_string(blurred) +
                          " for an image of shape " + shape.text());
    const std::size_t channels = shape.rank() - blurred;
    for (std::size_t d = 0; d < shape.rank(); ++d) {
      detail::Axis& axis = axes_[axis_of(d)];
      axis.inputs = static_cast<std::int64_t>(shape[d]);
      axis.outputs = axis.inputs;
      if (d >= channels)
        set_taps(axis, static_cast<std::int64_t>(kernel.extent(d - channels)), padding, d);
      range_shape_ = range_shape_.with(d, static_cast<std::size_t>(axis.outputs));
    }
  }

  /// A move is a copy: it leaves the source as it was.
  Blur(const Blur&) = default;
  /// Likewise.
  Blur& operator=(const Blur&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return domain_shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return range_shape_.size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return domain_shape_; }
  /// The shape of A x.
  const Shape& range_shape() const { return range_shape_; }

  /// The blur that computes only those outputs of this one that `sampling` keeps.
  ///
  /// Throws ArgumentError unless the domain of `sampling` has the shape of this range.
  Blur followed_by(const Downsample& sampling) const {
    if (!(sampling.domain_shape() == range_shape_))
      throw ArgumentError("Blur: range of shape " + range_shape_.text() +
                          " does not fit Downsample: shape " + sampling.domain_shape().text());
    Blur blur = *this;
    blur.range_shape_ = sampling.range_shape();
    for (std::size_t d = 0; d < range_shape_.rank(); ++d) {
      detail::Axis& axis = blur.axes_[axis_of(d)];
      axis.outputs = static_cast<std::int64_t>(blur.range_shape_[d]);
      axis.stride *= static_cast<std::int64_t>(sampling.factor(d));
    }
    return blur;
  }

  /// How many rows of other slabs the outputs of a slab read, cut along `dimension`: as many as the
  /// kernel reaches over. With Padding::reflect as many on both sides, for at an end of the image
  /// padding repeats rows of the next slab.
  /// Throws ArgumentError if the image has no such dimension.
  HaloWidth halo_width(std::size_t dimension) const {
    if (dimension >= domain_shape_.rank())
      throw ArgumentError("Blur: an image of " + domain_shape_.text() + " has no dimension " +
                          std::to_string(dimension));
    const detail::Axis& axis = axes_[axis_of(dimension)];
    const auto before = static_cast<std::size_t>(axis.front);
    const auto after = static_cast<std::size_t>(axis.taps - 1 - axis.front);
    if (axis.padding != Padding::reflect)
      return {before, after, axis.padding == Padding::circular && axis.taps > 1};
    return {std::max(before, after), std::max(before, after)};
  }

  /// The rows of y along the dimension of `slab` that belong to it: output o belongs to the slab
  /// that owns input s o, where every s-th output is kept. Throws ArgumentError unless `slab` owns
  /// rows of an image of this shape.
  MeasurementRows outputs_of(const Slab& slab) const {
    detail::require_slab_of("Blur", domain_shape_, slab);
    const detail::Axis& axis = axes_[axis_of(slab.dimension)];
    const auto first = [&](std::size_t row) {
      const std::int64_t o = (static_cast<std::int64_t>(row) + axis.stride - 1) / axis.stride;
      return static_cast<std::size_t>(std::min(o, axis.outputs));
    };
    return {range_shape_, slab.dimension, {first(slab.owned.begin), first(slab.owned.end)}};
  }

  /// The blur from the rows of `slab`, with ghost rows, to outputs_of(slab), which are not none.
  ///
  /// Throws ArgumentError as above, and if `slab` has fewer ghost rows than halo_width() and the
  /// ends of the image leave, or some of a circular halo where the blur pads.
  Blur on_slab(const Slab& slab) const {
    require_slab(slab);
    Blur blur = *this;
    blur.domain_shape_ = slab.extended();
    const Rows outputs = outputs_of(slab).rows;
    blur.range_shape_ = range_shape_.with(slab.dimension, outputs.size());
    detail::Axis& axis = blur.axes_[axis_of(slab.dimension)];
    const std::int64_t first =
        static_cast<std::int64_t>(slab.owned.begin) - static_cast<std::int64_t>(slab.before);
    axis.inputs = static_cast<std::int64_t>(blur.domain_shape_[slab.dimension]);
    axis.outputs = static_cast<std::int64_t>(outputs.size());
    axis.front += first - axis.stride * static_cast<std::int64_t>(outputs.begin);
    axis.back = axis.stride * (axis.outputs - 1) + axis.taps - axis.front - axis.inputs;
    return blur;
  }

  /// The rows of y along its longest dimension, the first of these (see SplittableOperator).
  MeasurementRows measurement_rows() const {
    std::size_t longest = 0;
    for (std::size_t d = 1; d < range_shape_.rank(); ++d)
      if (range_shape_[d] > range_shape_[longest]) longest = d;
    return {range_shape_, longest, {0, range_shape_[longest]}};
  }
  /// The blur to these rows alone. Throws ArgumentError unless there are such.
  Blur on_rows(const Rows& rows) const {
    const std::size_t d = measurement_rows().dimension;
    detail::require_rows_of("Blur", rows, range_shape_[d]);
    Blur blur = *this;
    blur.range_shape_ = range_shape_.with(d, rows.size());
    detail::Axis& axis = blur.axes_[axis_of(d)];
    axis.outputs = static_cast<std::int64_t>(rows.size());
    axis.front -= axis.stride * static_cast<std::int64_t>(rows.begin);
    axis.back = axis.stride * (axis.outputs - 1) + axis.taps - axis.front - axis.inputs;
    return blur;
  }

  /// d += |A|^T |A| 1. Blocks.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    const Kokkos::View<double*, MemorySpace> moduli("misfit::Blur::moduli", weights_.extent(0));
    const auto w = weights_;
    const double slack = factors_.size() > 0 ? detail::separable_slack<Value> : 0;
    const double largest = std::sqrt(detail::largest_squared_abs(exec, w));
    detail::for_indices(
        exec, "misfit::Blur::add_majorizer", w.extent(0),
        KOKKOS_LAMBDA(const std::int64_t q) { moduli(q) = detail::abs(w(q)) + slack * largest; });
    const detail::ConvolutionWeights<double> all{moduli.data(), nullptr};
    detail::add_majorizer_of_non_negative(
        exec, range_size(), d,
        [&](const auto& x, const auto& y) {
          detail::convolve(exec, axes_, all, x.data(), y.data());
        },
        [&](const auto& y, const auto& x) {
          detail::convolve_adjoint(exec, axes_, all, y.data(), x.data());
        });
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires detail::HoldsProductOf<typename Y::value_type, Value, typename X::value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    detail::convolve(exec, axes_, weights(), x.data(), y.data());
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires detail::HoldsProductOf<typename X::value_type, Value, typename Y::value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    detail::convolve_adjoint(exec, axes_, weights(), y.data(), x.data());
  }

 private:
  detail::ConvolutionWeights<Value> weights() const {
    return {weights_.data(), factors_.size() > 0 ? factors_.data() : nullptr};
  }

  void require_slab(const Slab& slab) const {
    detail::require_slab_of("Blur", domain_shape_, slab);
    detail::require_owned_rows("Blur", slab);
    const HaloWidth width = halo_width(slab.dimension);
    const std::size_t rows = domain_shape_[slab.dimension];
    const auto needed = [&](std::size_t reach, std::size_t there) {
      return width.circular ? reach : std::min(reach, there);
    };
    if (slab.before < needed(width.before, slab.owned.begin) ||
        slab.after < needed(width.after, rows - slab.owned.end))
      throw ArgumentError("Blur: a slab with " + std::to_string(slab.before) +
                          " ghost rows before and " + std::to_string(slab.after) +
                          " after; the kernel reaches over " + std::to_string(width.before) +
                          " and " + std::to_string(width.after));
    // Rows of a circular halo would be taken for padding.
    const detail::Axis& axis = axes_[axis_of(slab.dimension)];
    const bool pads = axis.padding == Padding::reflect || axis.padding == Padding::replicate;
    if (pads && axis.taps > 1 &&
        (slab.before > slab.owned.begin || slab.after > rows - slab.owned.end))
      throw ArgumentError(
          "Blur: a slab with ghost rows beyond the image, which are of a circular "
          "halo; the blur is not circular");
  }

  /// Shapes of fewer dimensions than there are axes take the last ones.
  std::size_t axis_of(std::size_t d) const { return axes_.size() - domain_shape_.rank() + d; }

  static void set_taps(detail::Axis& axis, std::int64_t taps, Padding padding, std::size_t d) {
    axis.taps = taps;
    axis.padding = padding;
    std::int64_t most = axis.inputs;
    if (padding == Padding::valid) {
      axis.outputs = axis.inputs - taps + 1;
    } else {
      axis.back = (taps - 1) / 2;
      axis.front = taps - 1 - axis.back;
      if (padding == Padding::reflect) --most;
    }
    if ((padding != Padding::replicate && axis.front > most) || axis.outputs < 1)
      throw ArgumentError("Blur: kernel of " + std::to_string(taps) +
                          " entries is too large for an image of " + std::to_string(axis.inputs) +
                          " in dimension " + std::to_string(d));
  }

  Shape domain_shape_;
  Shape range_shape_;
  detail::Axes axes_;
  Kokkos::View<const Value*, MemorySpace> weights_;
  Kokkos::View<const Value*, MemorySpace> factors_;  // empty unless the kernel is separable
};

/// \cond
template <KokkosView Kernel>
Blur(const Shape&, const Kernel&, Padding = Padding::circular)
    -> Blur<typename Kernel::non_const_value_type>;
/// \endcond

}  // namespace misfit
