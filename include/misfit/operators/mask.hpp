// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/row_copies.hpp>
#include <misfit/detail/operators/mask_entries.hpp>
#include <misfit/detail/operators/on_segment.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
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

/// A x = m ∘ x, entry by entry, with a real or complex m. A real m also masks complex signals. An m
/// of booleans, 0 and 1, masks signals of any type and moves half of the bytes.
///
/// For m = (1, 0, 2) and x = (1, 2, 3): A x = (1, 0, 6), A^H A x = (1, 0, 12).
template <KokkosView Diagonal>
class Mask {
  using Entries = detail::MaskEntries<Diagonal>;

 public:
  /// Of m.
  using value_type = typename Diagonal::non_const_value_type;
  /// Where m is.
  using memory_space = typename Diagonal::memory_space;

  /// m = `diagonal`, of shape (n). Numbers are shared, not copied; of booleans it keeps a copy, one
  /// bit for each. Blocks.
  ///
  /// Throws ArgumentError if m is empty or not finite.
  explicit Mask(const Diagonal& diagonal) : entries_(not_empty(diagonal)) {
    static_assert(static_cast<std::size_t>(Diagonal::rank) == 1 &&
                      (Scalar<value_type> || std::is_same_v<value_type, bool>),
                  "misfit: Mask needs a View of rank 1 of a scalar type or of bool");
    static_assert(!std::is_same_v<typename Diagonal::array_layout, Kokkos::LayoutStride>,
                  "misfit: Mask needs a contiguous View");
  }

  /// A move is a copy: it leaves the source as it was.
  Mask(const Mask&) = default;
  /// Likewise.
  Mask& operator=(const Mask&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return entries_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return entries_.size(); }

  /// m_j x. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION auto apply_at(std::size_t j, const T& x) const {
    return entries_(j) * x;
  }
  /// conj(m_j) r. For one entry, in kernels.
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION auto adjoint_at(std::size_t j, const T& r) const {
    return detail::conj(entries_(j)) * r;
  }
  /// The mask of the entries from j on that one word holds. For kernels.
  KOKKOS_FORCEINLINE_FUNCTION detail::MaskWord word_at(std::size_t j) const
    requires std::is_same_v<value_type, bool>
  {
    return entries_.word_at(j);
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
    const auto all = entries_.in_full();
    const Vector<value_type, memory_space> rows("misfit::Mask::rows", slab.extended().size());
    detail::copy_rows<Exec, value_type>(Exec{}, cut.lines(), cut.row(), slab.owned.size(),
                                        {all.data(), cut.rows(), slab.owned.begin},
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
    Kokkos::deep_copy(entries,
                      Kokkos::subview(entries_.in_full(), std::pair(rows.begin, rows.end)));
    return {Mask<Vector<value_type, memory_space>>(entries), domain_size(), rows.begin};
  }

  /// d += |m|², which A^H A is. Asynchronous on `exec`.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    const auto m = entries_;
    detail::for_indices(
        exec, "misfit::Mask::add_majorizer", domain_size(), KOKKOS_LAMBDA(const std::int64_t j) {
          d(j) += detail::squared_abs(m(static_cast<std::size_t>(j)));
        });
  }

  /// y = m ∘ x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires(Entries::template holds<typename Y::value_type, typename X::value_type>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    detail::for_mask(exec, "misfit::Mask::apply", entries_, detail::Masked<X, Y>{x, y});
  }

  /// x += conj(m) ∘ y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires(Entries::template holds<typename X::value_type, typename Y::value_type>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    detail::for_mask(exec, "misfit::Mask::add_adjoint", entries_, detail::AddedMasked<Y, X>{y, x});
  }

 private:
  static const Diagonal& not_empty(const Diagonal& diagonal) {
    if (diagonal.extent(0) == 0) throw ArgumentError("Mask: diagonal is empty");
    return diagonal;
  }

  Entries entries_;
};

}  // namespace misfit
