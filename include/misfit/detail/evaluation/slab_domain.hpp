// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/decomposition/halo_calls.hpp>
#include <misfit/detail/decomposition/halo_exchange.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/slab.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <optional>

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
  void clear_caches() const { ghosted_input_ = ghosted_output_ = {}; }

 private:
  ImageCut cut_;
  HaloCalls halo_;
  Rows owned_;
  mutable Workspace ghosted_input_, ghosted_output_;
};

/// What a call does with signals of the domain, each the owned rows of a batch of images: brings
/// them the ghost rows that operators read, and adds what operators leave in ghost rows to their
/// owners. Its functions are called in this order, on all ranks or on none but where it says so.
template <typename Exec, typename T>
class SlabCall {
  using Space = typename Exec::memory_space;

 public:
  SlabCall(const Exec& exec, const SlabDomain& domain, std::size_t batch)
      : exec_(exec), domain_(domain), batch_(batch) {}

  /// Takes memory for x with ghost rows, and makes the messages. Inside of agreed work.
  void pack_input(const T* owned) {
    owned_ = owned;
    input_ = domain_.ghosted_input()
                 .get<T, Space>(entries(), "misfit::DistributedOperator::ghosted_input")
                 .data();
    halo_.emplace(domain_.halo().start<T>(exec_, batch_, false));
    halo_->pack(owned);
  }
  /// Sets x with ghost rows. After pack_input() on all ranks.
  void exchange() { halo_->send_and_unpack(owned_, input_); }
  const T* input() const { return input_; }

  /// Memory for a vector of the domain with ghost rows. Inside of agreed work.
  T* output() {
    if (output_ == nullptr)
      output_ = domain_.ghosted_output()
                    .get<T, Space>(entries(), "misfit::DistributedOperator::ghosted_output")
                    .data();
    return output_;
  }
  /// Makes the messages of the ghost rows of output(). Inside of agreed work, at its end.
  void pack_output() {
    halo_.emplace(domain_.halo().start<T>(exec_, batch_, true));
    halo_->pack(output_);
  }
  /// Sets `owned` to output(), with the ghost rows of other ranks added. After pack_output() on all
  /// ranks.
  void accumulate(T* owned) { halo_->send_and_unpack(output_, owned); }

 private:
  std::size_t entries() const { return batch_ * domain_.extended_size(); }

  const Exec& exec_;
  const SlabDomain& domain_;
  std::size_t batch_;
  std::optional<HaloExchange<Exec, T>> halo_;
  const T* owned_ = nullptr;
  T *input_ = nullptr, *output_ = nullptr;
};

}  // namespace misfit::detail
