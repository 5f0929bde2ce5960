// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/product.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace misfit {

/// A x = m ∘ x, entry by entry, with a real or complex m. A real m also masks complex signals.
///
/// For m = (1, 0, 2) and x = (1, 2, 3): A x = (1, 0, 6), A^H A x = (1, 0, 12).
template <KokkosView Diagonal>
class Mask {
 public:
  /// Of m.
  using value_type = typename Diagonal::non_const_value_type;
  /// Where m is.
  using memory_space = typename Diagonal::memory_space;

  /// m = `diagonal`, of shape (n). Shared, not copied. Blocks.
  ///
  /// Throws ArgumentError if m is empty, not contiguous or not finite.
  explicit Mask(const Diagonal& diagonal) : diagonal_(diagonal) {
    static_assert(static_cast<std::size_t>(Diagonal::rank) == 1 && Scalar<value_type>,
                  "misfit: Mask needs a View of rank 1 of a scalar type");
    static_assert(!std::is_same_v<typename Diagonal::array_layout, Kokkos::LayoutStride>,
                  "misfit: Mask needs a contiguous View");
    if (diagonal.extent(0) == 0) throw ArgumentError("Mask: diagonal is empty");
    detail::require_finite(typename Diagonal::execution_space{}, "Mask: diagonal", diagonal_);
  }

  /// A move is a copy: it leaves the source as it was.
  Mask(const Mask&) = default;
  /// Likewise.
  Mask& operator=(const Mask&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return diagonal_.extent(0); }
  /// The number of entries of A x.
  std::size_t range_size() const { return diagonal_.extent(0); }

  /// m_j x. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION auto apply_at(std::size_t j, const T& x) const {
    return diagonal_(j) * x;
  }
  /// conj(m_j) r. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION auto adjoint_at(std::size_t j, const T& r) const {
    return detail::conj(diagonal_(j)) * r;
  }

  /// Each row of x and y for itself (see SlabOperator).
  HaloWidth halo_width(std::size_t) const { return {}; }
  /// The entries of the slab.
  MeasurementRows outputs_of(const Slab& slab) const {
    return {slab.shape, slab.dimension, slab.owned};
  }
  /// The mask of the slab, with a copy of the rows of m. Blocks. Throws ArgumentError if `slab` is
  /// of an image of another size, or has ghost rows.
  Mask<Vector<value_type, memory_space>> on_slab(const Slab& slab) const {
    using Exec = typename Diagonal::execution_space;
    detail::require_rows_alone("Mask", domain_size(), slab);
    const detail::ImageCut cut{slab.shape, slab.dimension, 1};
    const Vector<value_type, memory_space> rows("misfit::Mask::rows", slab.extended().size());
    detail::copy_rows<Exec, value_type>(Exec{}, cut.lines(), cut.row(), slab.owned.size(),
                                        {diagonal_.data(), cut.rows(), slab.owned.begin},
                                        {rows.data(), slab.owned.size(), 0});
    detail::fence(Exec{}, "misfit::Mask: the rows are copied");
    return Mask<Vector<value_type, memory_space>>(rows);
  }

  /// Entry by entry (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{range_size()}, 0, {0, range_size()}}; }
  /// The mask of these entries, with a copy of them. Blocks. Throws ArgumentError unless there are
  /// such.
  detail::OnSegment<Mask<Vector<value_type, memory_space>>> on_rows(const Rows& rows) const {
    detail::require_rows_of("Mask", rows, range_size());
    const Vector<value_type, memory_space> entries("misfit::Mask::rows", rows.size());
    Kokkos::deep_copy(entries, Kokkos::subview(diagonal_, std::pair(rows.begin, rows.end)));
    return {Mask<Vector<value_type, memory_space>>(entries), domain_size(), rows.begin};
  }

  /// d += |m|², which A^H A is. Asynchronous on `exec`.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    const auto m = diagonal_;
    Kokkos::parallel_for(
        "misfit::Mask::add_majorizer", detail::range(exec, domain_size()),
        KOKKOS_LAMBDA(const std::int64_t j) { d(j) += detail::squared_abs(m(j)); });
  }

  /// y = m ∘ x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires detail::HoldsProductOf<typename Y::value_type, value_type, typename X::value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto m = diagonal_;
    detail::for_entries(
        exec, "misfit::Mask::apply", domain_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = m(j) * x(j); });
  }

  /// x += conj(m) ∘ y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires detail::HoldsProductOf<typename X::value_type, value_type, typename Y::value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto m = diagonal_;
    detail::for_entries(
        exec, "misfit::Mask::add_adjoint", domain_size(),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += detail::conj(m(j)) * y(j); });
  }

 private:
  typename Diagonal::const_type diagonal_;
};

}  // namespace misfit
