// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/agreement.hpp>
#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/workspace.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <exception>
#include <utility>

namespace misfit {

/// Owns one duplicated MPI communicator, so that misfit's traffic never meets the caller's.
///
/// Errors on the duplicate return codes (and become MpiError); the caller's communicator keeps its
/// own error handler. Move-only; freed on destruction, or left to MPI if it is finalized.
class Communicator {
 public:
  /// Collective over `parent`.
  ///
  /// Throws ArgumentError if MPI does not run or `parent` is MPI_COMM_NULL or an intercommunicator.
  explicit Communicator(MPI_Comm parent);

  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&& other) noexcept;
  ~Communicator();

  /// Borrowed: valid as long as this object.
  MPI_Comm native() const noexcept { return comm_; }
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }

  /// Replaces `view` by its sum over the ranks. Collective; blocks.
  ///
  /// `view` is contiguous and has one extent on all ranks. Device memory goes through the host
  /// unless gpu_aware_mpi().
  template <ExecutionSpace Exec, View V>
  void all_reduce_sum(const Exec& exec, const V& view) const {
    with_reachable_data(exec, view, [&](auto* data, std::size_t n) { sum(data, n); });
  }

  /// Replaces `view` on every rank by that of rank `root`. Collective; blocks. As all_reduce_sum().
  template <ExecutionSpace Exec, View V>
  void broadcast(const Exec& exec, const V& view, int root) const {
    with_reachable_data(exec, view, [&](auto* data, std::size_t n) {
      broadcast_bytes(data, n * sizeof(*data), root);
    });
  }

  /// Replaces `values` in host memory by their sums over the ranks. Collective; blocks.
  void sum(float* values, std::size_t count) const;
  void sum(double* values, std::size_t count) const;
  void sum(std::int64_t* values, std::size_t count) const;
  template <typename T>
  void sum(Kokkos::complex<T>* values, std::size_t count) const {
    sum(reinterpret_cast<T*>(values), 2 * count);
  }

  /// Runs `work(place)`, which must not communicate, on this rank. Collective; blocks.
  ///
  /// If it throws on any rank, or if `call` differs between ranks, every rank throws the same
  /// error, which names the lowest rank concerned and the operator that `place` was set to. Costs
  /// one all-reduce of 15 integers.
  template <typename Work>
  void together(const detail::Call& call, Work&& work) const {
    detail::Place place;
    std::exception_ptr thrown;
    try {
      work(place);
    } catch (...) {
      thrown = std::current_exception();
    }
    agree(call, thrown, place);
  }

  /// Runs `work(place)` on this rank alone; what it throws is given rank and operator.
  template <typename Work>
  void alone(const detail::Call& call, Work&& work) const {
    detail::Place place;
    try {
      work(place);
    } catch (...) {
      detail::rethrow(detail::describe(call, std::current_exception(), rank_, place));
    }
  }

 private:
  void agree(const detail::Call& call, const std::exception_ptr& thrown,
             const detail::Place& place) const;
  void broadcast_bytes(void* data, std::size_t count, int root) const;

  // Hands `use` the data of `view` where MPI can read and write it.
  template <typename Exec, typename V, typename Use>
  void with_reachable_data(const Exec& exec, const V& view, Use&& use) const;

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  mutable detail::Workspace staging_;
};

/// Whether MPI reads and writes device memory itself.
///
/// What the environment variable MISFIT_GPU_AWARE_MPI says (0 or 1), else what the MPI library says
/// of itself, else false.
bool gpu_aware_mpi();

template <typename Exec, typename V, typename Use>
void Communicator::with_reachable_data(const Exec& exec, const V& view, Use&& use) const {
  using T = typename V::non_const_value_type;
  detail::fence(exec, "misfit::Communicator: data ready for MPI");
  constexpr bool on_host =
      bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename V::memory_space>::accessible);
  if (on_host || gpu_aware_mpi()) {
    use(view.data(), view.span());
  } else {
    const Vector<T, typename V::memory_space> device(view.data(), view.span());
    const auto host =
        staging_.get<T, Kokkos::HostSpace>(view.span(), "misfit::Communicator::staging");
    Kokkos::deep_copy(exec, host, device);
    detail::fence(exec, "misfit::Communicator: data copied to the host");
    use(host.data(), host.span());
    Kokkos::deep_copy(exec, device, host);
    detail::fence(exec, "misfit::Communicator: data copied from the host");
  }
}

}  // namespace misfit
