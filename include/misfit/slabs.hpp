// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>
#include <misfit/detail/decomposition/rows_in_view.hpp>
#include <misfit/detail/decomposition/scatter.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/views.hpp>

#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <type_traits>

namespace misfit {

namespace detail {

/// Both a vector, or both a batch, of one scalar type.
template <typename A, typename B>
concept OfOneKind =
    std::is_same_v<typename A::non_const_value_type, typename B::non_const_value_type> &&
    is_batch<A> == is_batch<B>;

/// What Slabs own.
struct SlabsInternals {
  ImageCut cut;
  std::optional<ProcessGrid> grid;  ///< none where all ranks share one image
};

}  // namespace detail

/// How Slabs cut an image.
struct SlabsOptions {
  std::size_t dimension = 0;  ///< the one whose rows are dealt out to the ranks
  /// How many rows this rank owns, where a code of your own has cut the image: any number, from
  /// where rank - 1 ends. All ranks give theirs, or none.
  std::optional<std::size_t> rows{};
};

/// An image that is cut into slabs along one dimension: each rank owns consecutive rows of it.
///
/// Unless they say otherwise, ranks own N / P rows of N, the first N mod P of them one more; with
/// more ranks than rows the last own none. A slab is an image of its own, in row-major order: of an
/// image of shape (3, 2048, 2048) cut along dimension 1 a rank of 4 owns (3, 512, 2048). A batch of
/// them has shape (B, owned_size).
///
/// Move-only.
class Slabs {
 public:
  /// Collective over `comm`; all ranks give the same shape and options, else all throw
  /// ArgumentError, but each its own number of rows. Throws it too if `shape` has no such
  /// dimension, or if the rows of the ranks are not those of the image.
  Slabs(MPI_Comm comm, const Shape& shape, const SlabsOptions& options = {});
  /// As above, over a duplicate of `communicator`.
  Slabs(const Communicator& communicator, const Shape& shape, const SlabsOptions& options = {})
      : Slabs(communicator.native(), shape, options) {}

  /// The same in every member of `ensemble`, each of which has the whole image, cut among its
  /// ranks as in all others. Collective over all ranks, and checked over all. The calls below are
  /// then collective over a member, and `root` is a rank of space().
  Slabs(const Ensemble& ensemble, const Shape& shape, const SlabsOptions& options = {});

  /// The shape of the whole image.
  const Shape& shape() const noexcept { return internals_.cut.shape; }
  /// The dimension that is cut.
  std::size_t dimension() const noexcept { return internals_.cut.dimension; }
  /// The ranks that share the image: all, or those of this rank's member.
  const Communicator& space() const noexcept { return space_; }

  /// The rows of rank `rank`. Throws ArgumentError if there is no such rank.
  Rows rows(int rank) const;
  /// The rows of this rank.
  Rows owned() const { return internals_.cut.rows_of(space_.rank()); }
  /// The number of entries of this rank's slab.
  std::size_t owned_size() const { return internals_.cut.size_of(space_.rank()); }

  /// Sets every rank's `owned`, of shape (owned_size) or (B, owned_size), to its rows of `global`,
  /// of shape (n) or (B, n), which is read on rank `root` alone. Collective; blocks.
  ///
  /// Throws ArgumentError if a size differs, or if the arguments share memory. On other ranks
  /// `global` may be empty. Every rank takes memory for its slab, the root for the largest.
  template <ExecutionSpace Exec, SignalsOn<Exec> Global, OutputOn<Exec> Owned>
    requires detail::OfOneKind<Global, Owned>
  void scatter(const Exec& exec, const Global& global, const Owned& owned, int root = 0) const {
    detail::scatter(exec, internals_.cut, detail::Internals::of(space_), global, owned, root);
  }

  /// The inverse: sets `global` on rank `root`. Collective; blocks; as scatter().
  template <ExecutionSpace Exec, SignalsOn<Exec> Owned, OutputOn<Exec> Global>
    requires detail::OfOneKind<Owned, Global>
  void gather(const Exec& exec, const Owned& owned, const Global& global, int root = 0) const {
    detail::gather(exec, internals_.cut, detail::Internals::of(space_), owned, global, root);
  }

  /// This rank's slab in a View of your own that has more rows, say ghost rows: the alias, of rank
  /// 1, of the owned rows of `view`, which has `before` rows before them and `after` behind. No
  /// copy: all calls that take the slab read and write `view`.
  ///
  /// `view` is contiguous, and has the extents of shape() but for the dimension that is cut; or it
  /// has rank 1 and as many entries. One in LayoutLeft is seen with its extents reversed, as by
  /// flatten(). Not reference-counted: `view` must outlive it. Not collective. Throws ArgumentError
  /// if an extent differs, and if the owned rows do not lie together, since an extent before the
  /// dimension that is cut is above 1: then copy them, or cut along dimension 0.
  template <KokkosView V>
    requires detail::HasRank<V, 1, 2, 3, 4>
  auto owned_in(const V& view, std::size_t before, std::size_t after) const {
    return detail::rows_in_view("owned_in", internals_.cut, view, {before, owned().size(), after});
  }

  /// Re⟨a, b⟩ of two images, each given by this rank's slab, summed in double. Collective; blocks.
  ///
  /// The same on all ranks, and from run to run on as many. Throws ArgumentError if a size differs.
  template <ExecutionSpace Exec, VectorOn<Exec> A, VectorOn<Exec> B>
    requires detail::OfOneKind<A, B>
  double dot(const Exec& exec, const A& a, const B& b) const {
    double sum = 0;
    detail::Internals::of(space_).sum_together(
        {"dot", {{"the tag of the scalar type", detail::type_tag<A>()}}},
        [&](detail::ErrorContext&) {
          detail::require_signals("a", a, 1, owned_size());
          detail::require_signals("b", b, 1, owned_size());
          sum = detail::dot(exec, a, b);
        },
        {&sum, 1});
    return sum;
  }

  /// ‖a‖₂ of an image. Collective; blocks; as dot().
  template <ExecutionSpace Exec, VectorOn<Exec> A>
  double norm(const Exec& exec, const A& a) const {
    return std::sqrt(dot(exec, a, a));
  }

 private:
  friend struct detail::Internals;

  void agree(const Communicator& all, const SlabsOptions& options);

  Communicator space_;
  detail::SlabsInternals internals_;
};

}  // namespace misfit
