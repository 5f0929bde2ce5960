// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/decomposition/halo_calls.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/slab.hpp>

#include <mpi.h>

#include <cstddef>

namespace misfit::detail {

/// The domain of a stack of operators where it is an image in slabs: who owns which rows, and the
/// halo, as wide as the widest of the operators.
class SlabDomain {
 public:
  /// Collective over `comm`.
  SlabDomain(MPI_Comm comm, const ImageCut& cut, int rank, const HaloWidth& width)
      : cut_(cut), halo_(comm, cut, width), owned_(cut.rows_of(rank)) {}

  const ImageCut& cut() const { return cut_; }
  const HaloCalls& halo() const { return halo_; }
  std::size_t owned_size() const { return halo_.owned_size(); }
  /// The number of entries that the operators of this rank take.
  std::size_t extended_size() const { return halo_.extended_size(); }
  Slab slab() const {
    return {cut_.shape, cut_.dimension, owned_, halo_.plan().before(), halo_.plan().after()};
  }

  Workspace& ghosted_input() const { return ghosted_input_; }
  Workspace& ghosted_output() const { return ghosted_output_; }
  void clear_caches() const {
    ghosted_input_ = {};
    ghosted_output_ = {};
    halo_.clear_caches();
  }

 private:
  ImageCut cut_;
  HaloCalls halo_;
  Rows owned_;
  mutable Workspace ghosted_input_, ghosted_output_;
};

}  // namespace misfit::detail
