// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/sliced_jacobians.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace misfit {

/// A x = (A_0 x_0, A_1 x_1, …): an operator of a slice on each slice x_s of a volume, whose slices
/// lie one behind the other, as their measurements do. One operator for all slices, or one for
/// each. slices() is their number.
///
/// So a transform of images is one of each slice of a volume, and a volume that is cut along its
/// slices needs no ghost rows. Of a volume of 64 slices that are seen by 8 coils, each with a
/// sensitivity that differs from slice to slice, the ranks of
///
///     const Shape slice{256, 256};
///     const Slabs slabs(comm, {64, 256, 256});
///     const DistributedOperator coils(slabs, 8, [&](int i) {
///       std::vector<CoilFourier<Coil>> slices;
///       for (std::size_t z = 0; z < 64; ++z) slices.emplace_back(slice, sensitivity(i, z));
///       return slice_by_slice(std::move(slices));
///     });
///
/// have 64 / p slices each of x and of the measurements. `slice_by_slice(Fourier<T>(slice), 64)`
/// transforms all slices alike. A factory of parts, (i, slab) after a HaloWidth{}, makes the slices
/// of the slab alone.
///
/// Linear if the operators are; else with the derivative of each, and the functions of a
/// LinearizableOperator and of a TwiceDifferentiableOperator where these have J v and a second
/// derivative. With a separable distance misfit takes it in passes of the operators' own (see
/// FusedOperator) where these allow that. A copy copies the operators, and a move is a copy; one
/// object is not used from two threads, or on two instances, at once if an operator of it is not.
///
/// For a Mask m = (1, 3), 2 slices and x = (1, 2, 3, 4): A x = (1, 6, 3, 12), A^H A x = (1, 18, 3,
/// 36).
template <typename Op>
class SliceBySlice : public detail::SlicedJacobians<Op> {
  using Base = detail::SlicedJacobians<Op>;
  template <typename V>
  using Entry = typename V::non_const_value_type;

 public:
  /// `op` on each of `slices` slices. Throws ArgumentError if these are none, or have 2^63 entries
  /// or more.
  SliceBySlice(Op op, std::size_t slices) : Base(one(std::move(op)), slices) {}

  /// Operator s on slice s. Throws ArgumentError as above, or if the operators differ in the size
  /// of domain or range.
  explicit SliceBySlice(std::vector<Op> ops) : SliceBySlice(ops.size(), std::move(ops)) {}

  /// A move is a copy: it leaves the source as it was.
  SliceBySlice(const SliceBySlice&) = default;
  /// Likewise.
  SliceBySlice& operator=(const SliceBySlice&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return slices() * inputs(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return slices() * outputs(); }
  /// The number of slices.
  using Base::slices;

  /// Each slice for itself (see SlabOperator).
  HaloWidth halo_width(std::size_t) const { return {}; }
  /// The measurements of the slices of the slab. Throws ArgumentError if `slab` is of an image of
  /// another size, or cuts slices in two.
  MeasurementRows outputs_of(const Slab& slab) const {
    const detail::ImageCut cut = cut_of(slab);
    return {{cut.lines(), cut.rows(), range_size() / cut.lines() / cut.rows()}, 1, slab.owned};
  }
  /// On the slices of the slab. Throws as above, and if `slab` has ghost rows.
  SliceBySlice on_slab(const Slab& slab) const {
    const detail::ImageCut cut = cut_of(slab);
    detail::require_rows_alone("SliceBySlice", domain_size(), slab);
    const std::size_t in_a_row = cut.row() / inputs();
    std::vector<std::size_t> numbers;
    for (std::size_t line = 0; line < cut.lines(); ++line)
      for (std::size_t row = slab.owned.begin; row < slab.owned.end; ++row)
        for (std::size_t k = 0; k < in_a_row; ++k)
          numbers.push_back((line * cut.rows() + row) * in_a_row + k);
    return {numbers.size(), this->of_slices(numbers)};
  }

  /// Slices (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{slices(), outputs()}, 0, {0, slices()}}; }
  /// On these slices alone. Throws ArgumentError unless there are such.
  detail::OnSegment<SliceBySlice> on_rows(const Rows& rows) const {
    detail::require_rows_of("SliceBySlice", rows, slices());
    std::vector<std::size_t> numbers;
    for (std::size_t s = rows.begin; s < rows.end; ++s) numbers.push_back(s);
    return {SliceBySlice(rows.size(), this->of_slices(numbers)), domain_size(),
            rows.begin * inputs()};
  }

  /// There only where the type of an operator does not say whether it is linear.
  bool is_linear() const
    requires detail::LinearAtRunTime<Op>
  {
    bool all = true;
    for (std::size_t s = 0; s < slices(); ++s) all = all && this->of_slice(s).is_linear();
    return all;
  }

  /// Adds to each slice of d the diagonal of its operator (see BoundedOperator). Blocks. Throws
  /// ArgumentError if one is not linear, or is an AnyOperator without a bound.
  template <typename Exec, typename D>
    requires detail::HasMajorizer<Op, double, Exec>
  void add_majorizer(const Exec& exec, const D& d) const {
    for (std::size_t s = 0; s < slices(); ++s)
      detail::add_majorizer<double>(exec, this->of_slice(s), input(d, s));
  }

  /// The largest of the operators (see RoundingOperator). It is taken with ‖x‖ of all slices that
  /// a rank has: a dark slice among bright ones is moved to the edge of a domain as far as these.
  double rounding() const
    requires RoundingOperator<Op>
  {
    double largest = 0;
    for (std::size_t s = 0; s < slices(); ++s)
      largest = std::max<double>(largest, this->of_slice(s).rounding());
    return largest;
  }

  /// y = A x. Asynchronous on `exec`, as the operators are.
  template <typename Exec, typename X, typename Y>
    requires Operator<Op, Entry<X>, Entry<Y>, Exec>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    for (std::size_t s = 0; s < slices(); ++s)
      this->of_slice(s).apply(exec, input(x, s), output(y, s));
  }

  /// x += A^H y. Asynchronous on `exec`, as the operators are.
  template <typename Exec, typename Y, typename X>
    requires LinearOperator<Op, Entry<X>, Entry<Y>, Exec>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    for (std::size_t s = 0; s < slices(); ++s)
      this->of_slice(s).add_adjoint(exec, output(y, s), input(x, s));
  }

  /// g += J(x)^H r. Asynchronous on `exec`, as the operators are.
  template <typename Exec, typename X, typename R, typename G>
    requires detail::Linearized<Op, Entry<X>, Entry<R>, Exec>::has_vjp
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    for (std::size_t s = 0; s < slices(); ++s)
      detail::Linearized<Op, Entry<X>, Entry<R>, Exec>::add_vjp(
          exec, this->of_slice(s), input(x, s), output(r, s), input(g, s));
  }

 private:
  using Base::input;
  using Base::inputs;
  using Base::output;
  using Base::outputs;

  SliceBySlice(std::size_t slices, std::vector<Op>&& ops) : Base(std::move(ops), slices) {}

  static std::vector<Op> one(Op op) {
    std::vector<Op> ops;
    ops.push_back(std::move(op));
    return ops;
  }

  detail::ImageCut cut_of(const Slab& slab) const {
    detail::require_rows_in_image("SliceBySlice", slab);
    const detail::ImageCut cut{slab.shape, slab.dimension, 1};
    if (slab.shape.size() != domain_size() || cut.row() % inputs() != 0)
      throw ArgumentError("SliceBySlice: an image of " + slab.shape.text() +
                          " that is cut along dimension " + std::to_string(slab.dimension) +
                          " is none of " + std::to_string(slices()) + " slices of " +
                          std::to_string(inputs()) +
                          " entries, cut along the slices: cut it so, or split the operators");
    return cut;
  }
};

/// A x = (op(x_0), op(x_1), …), or (A_0 x_0, A_1 x_1, …). Throw ArgumentError as the constructors
/// of SliceBySlice.
template <typename Op>
SliceBySlice<Op> slice_by_slice(Op op, std::size_t slices) {
  return {std::move(op), slices};
}
/// The same with one operator for each slice.
template <typename Op>
SliceBySlice<Op> slice_by_slice(std::vector<Op> ops) {
  return SliceBySlice<Op>(std::move(ops));
}

}  // namespace misfit
