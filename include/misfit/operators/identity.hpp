// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit {

/// A x = x.
///
/// For Identity(2) and x = (1, 2): A x = (1, 2), A^H A x = (1, 2).
class Identity {
 public:
  /// Of signals of `size` entries.
  explicit Identity(std::size_t size) : size_(size) {}

  /// The number of entries of x.
  std::size_t domain_size() const { return size_; }
  /// The number of entries of A x.
  std::size_t range_size() const { return size_; }

  /// x, and r. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION T apply_at(std::size_t, const T& x) const {
    return x;
  }
  /// r. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION T adjoint_at(std::size_t, const T& r) const {
    return r;
  }

  /// Each row of x and y for itself (see SlabOperator).
  HaloWidth halo_width(std::size_t) const { return {}; }
  /// The entries of the slab.
  MeasurementRows outputs_of(const Slab& slab) const {
    return {slab.shape, slab.dimension, slab.owned};
  }
  /// That of the slab. Throws ArgumentError if `slab` is of an image of another size, or has ghost
  /// rows.
  Identity on_slab(const Slab& slab) const {
    detail::require_rows_alone("Identity", size_, slab);
    return Identity(slab.extended().size());
  }

  /// Entry by entry (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{size_}, 0, {0, size_}}; }
  /// These entries of x. Throws ArgumentError unless there are such.
  detail::OnSegment<Identity> on_rows(const Rows& rows) const {
    detail::require_rows_of("Identity", rows, size_);
    return {Identity(rows.size()), size_, rows.begin};
  }

  /// ‖A‖².
  double norm_squared_bound() const { return size_ > 0 ? 1 : 0; }

  /// y = x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    detail::for_entries(
        exec, "misfit::Identity::apply", size_,
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = x(j); });
  }

  /// x += y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    detail::for_entries(
        exec, "misfit::Identity::add_adjoint", size_,
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += y(j); });
  }

 private:
  std::size_t size_;
};

}  // namespace misfit
