// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/decomposition/halo_exchange.hpp>
#include <misfit/detail/evaluation/slab_domain.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <optional>

namespace misfit::detail {

/// How a domain is in pieces.
struct Pieces {
  const SlabDomain* slabs;         ///< null where operators exchange what they need
  const CollectiveCalls& all;      ///< those who call together
  const CollectiveCalls* members;  ///< whose gradients are summed; null where there is one
};

/// What a call does with signals of a domain in pieces: brings operators the ghost rows that they
/// read, adds what they leave in ghost rows to their owners, and sums over members. Its functions
/// are called in this order, on all ranks or on none but where it says so.
template <typename Exec, typename T>
class PieceCall {
  using Space = typename Exec::memory_space;

 public:
  PieceCall(const Exec& exec, const Pieces& pieces, std::size_t batch)
      : exec_(exec), pieces_(pieces), batch_(batch) {}

  /// Takes memory for x with ghost rows, where this rank has any, and makes the messages. Inside of
  /// agreed work.
  void pack_input(const T* owned);
  /// Sets x with ghost rows. After pack_input() on all ranks; first in work that they agree on.
  void exchange();
  const T* input() const { return input_; }

  /// Where operators leave the result that is to be in `owned`. Inside of agreed work.
  T* output(const Vector<T, Space>& owned);
  /// Makes the messages of the ghost rows of output(), takes memory for those to other members, and
  /// waits for the operators. Inside of agreed work, at its end.
  void pack_output();
  /// Sets the result, complete when this returns. After pack_output() on all ranks.
  void sum();

 private:
  bool has_ghosts() const {
    return pieces_.slabs != nullptr &&
           pieces_.slabs->extended_size() != pieces_.slabs->owned_size();
  }
  std::size_t entries() const { return batch_ * pieces_.slabs->extended_size(); }

  const Exec& exec_;
  Pieces pieces_;
  std::size_t batch_;
  std::optional<HaloExchange<Exec, T>> halo_;
  const T *owned_ = nullptr, *input_ = nullptr;
  T *ghosted_input_ = nullptr, *output_ = nullptr;
  Vector<T, Space> result_;
};

template <typename Exec, typename T>
void PieceCall<Exec, T>::pack_input(const T* owned) {
  owned_ = input_ = owned;
  if (pieces_.slabs == nullptr) return;
  if (has_ghosts())
    input_ = ghosted_input_ =
        pieces_.slabs->ghosted_input()
            .template get<T, Space>(entries(), "misfit::DistributedOperator::ghosted_input")
            .data();
  halo_.emplace(pieces_.slabs->halo().template start<T>(
      exec_, batch_, {.adjoint = false, .in_place = !has_ghosts()}));
  halo_->pack(owned);
}

template <typename Exec, typename T>
void PieceCall<Exec, T>::exchange() {
  if (halo_) halo_->send_and_unpack(owned_, ghosted_input_);
}

template <typename Exec, typename T>
T* PieceCall<Exec, T>::output(const Vector<T, Space>& owned) {
  result_ = owned;
  output_ = owned.data();
  if (has_ghosts())
    output_ = pieces_.slabs->ghosted_output()
                  .template get<T, Space>(entries(), "misfit::DistributedOperator::ghosted_output")
                  .data();
  return output_;
}

template <typename Exec, typename T>
void PieceCall<Exec, T>::pack_output() {
  if (pieces_.members != nullptr) pieces_.members->reserve(exec_, result_);
  if (pieces_.slabs == nullptr) return fence(exec_, "misfit: a member's part is ready");
  halo_.emplace(pieces_.slabs->halo().template start<T>(
      exec_, batch_, {.adjoint = true, .in_place = !has_ghosts()}));
  halo_->pack(output_);
}

template <typename Exec, typename T>
void PieceCall<Exec, T>::sum() {
  const auto accumulate = [&](ErrorContext&) {
    halo_->send_and_unpack(output_, result_.data());
    fence(exec_, "misfit: the sum of a member is there");
  };
  ErrorContext context;
  if (pieces_.slabs != nullptr && pieces_.members == nullptr) return accumulate(context);
  // Other members would wait for one that fails alone.
  if (pieces_.slabs != nullptr) pieces_.all.together({"sum of pieces", {}}, accumulate);
  if (pieces_.members != nullptr)
    pieces_.members->sum_together(
        exec_, {"sum over members", {}}, [](ErrorContext&) {}, {}, result_);
}

// Compiled once, in core/, for the default execution space.
#define MISFIT_PIECE_CALL(prefix, Exec, T) prefix template class PieceCall<Exec, T>;
MISFIT_FOR_SCALARS(MISFIT_PIECE_CALL, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
