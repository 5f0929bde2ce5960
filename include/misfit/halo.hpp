// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/decomposition/halo_calls.hpp>
#include <misfit/detail/decomposition/halo_plan.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/slabs.hpp>
#include <misfit/views.hpp>

#include <cstddef>

namespace misfit {

/// A slab and, before and behind it, copies of rows that other ranks own: its ghost rows.
///
/// Of an image of shape (3, 2048, 2048) cut along dimension 1, with 2 rows before and 2 behind, a
/// rank in the middle of 4 has (3, 2 + 512 + 2, 2048) entries: before() + owned + after() rows. A
/// halo may be wider than a slab. Its plan is made once, here; move-only, and independent of the
/// Slabs that it was made from. One object is not used on two instances, or from two threads, at
/// once.
class Halo {
 public:
  /// Collective over the ranks of `slabs`; all give the same width, else all throw ArgumentError.
  Halo(const Slabs& slabs, const HaloWidth& width);

  /// How many ghost rows this rank has before its own and after: at the ends of an image that is
  /// not circular fewer than the width, and none where it owns no row.
  std::size_t before() const noexcept { return internals_.plan().before(); }
  /// See before().
  std::size_t after() const noexcept { return internals_.plan().after(); }
  /// This rank's slab with its ghost rows, as `on_slab` and `outputs_of` of a SlabOperator take it
  /// where it owns a row.
  Slab slab() const { return internals_.slab(); }
  /// The number of entries of this rank's slab with its ghost rows.
  std::size_t extended_size() const noexcept { return internals_.extended_size(); }

  /// Sets `extended`, of shape (extended_size) or (B, extended_size), to this rank's rows, `owned`,
  /// and the ghost rows, from the ranks that own them. Collective; blocks until all messages have
  /// arrived, and is asynchronous on `exec` from there on.
  ///
  /// One message from and to each rank that has rows of the halo. Throws ArgumentError if a size
  /// differs, or if the arguments share memory.
  template <ExecutionSpace Exec, SignalsOn<Exec> Owned, OutputOn<Exec> Extended>
    requires detail::OfOneKind<Owned, Extended>
  void exchange(const Exec& exec, const Owned& owned, const Extended& extended) const {
    internals_.exchange(exec, owned, extended);
  }
  /// The same in place: sets the ghost rows of `extended` alone. No copy is made of a vector, nor
  /// of a batch that lies signal by signal.
  template <ExecutionSpace Exec, OutputOn<Exec> Extended>
  void exchange(const Exec& exec, const Extended& extended) const {
    internals_.exchange(exec, extended);
  }

  /// The adjoint of exchange(): sets `owned` to this rank's own rows of `extended`, plus what other
  /// ranks have in the ghost rows that are copies of them, added by ascending rank. Collective;
  /// as exchange().
  template <ExecutionSpace Exec, SignalsOn<Exec> Extended, OutputOn<Exec> Owned>
    requires detail::OfOneKind<Extended, Owned>
  void accumulate(const Exec& exec, const Extended& extended, const Owned& owned) const {
    internals_.accumulate(exec, extended, owned);
  }
  /// The same in place: adds to this rank's own rows of `extended`, and sets its ghost rows to 0.
  ///
  /// So it is the adjoint of exchange() in place, E, which reads no ghost row: summed over ranks,
  /// ⟨E u, v⟩ = ⟨u, Eᵀ v⟩ for all u and v with ghost rows.
  template <ExecutionSpace Exec, OutputOn<Exec> Extended>
  void accumulate(const Exec& exec, const Extended& extended) const {
    internals_.accumulate(exec, extended);
  }

  /// The rows of exchange() in place in a View of your own, which may have more: the alias, of rank
  /// 1, of this rank's rows of `view` and of before() rows before them and after() behind, of which
  /// `view` has `before` and `after`. As Slabs::owned_in(); throws ArgumentError too if these are
  /// fewer than the width of the halo, on every rank.
  template <KokkosView V>
    requires detail::HasRank<V, 1, 2, 3, 4>
  auto extended_in(const V& view, std::size_t before, std::size_t after) const {
    return internals_.extended_in(view, before, after);
  }

 private:
  friend struct detail::Internals;

  detail::HaloCalls internals_;
};

}  // namespace misfit
