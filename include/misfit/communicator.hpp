// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace misfit {

/// Owns one duplicated MPI communicator, so that misfit's traffic never meets the caller's.
///
/// Errors on the duplicate return codes (and become MpiError); the caller's communicator keeps its
/// own error handler. Move-only; freed on destruction, or left to MPI if it is finalized. An object
/// that was moved from throws ArgumentError in every collective call.
class Communicator {
 public:
  /// Collective over `parent`.
  ///
  /// Throws ArgumentError if MPI does not run or `parent` is MPI_COMM_NULL or an intercommunicator,
  /// or if the environment variable MISFIT_TIMEOUT is no number of seconds or differs between
  /// ranks. If it is set, ranks wait no longer for each other, here and in all collective calls
  /// (TimeoutError); and messages with tag 32766 on `parent` are misfit's while this is made.
  explicit Communicator(MPI_Comm parent) : internals_(parent) {}

  /// Borrowed: valid as long as this object. Messages with tags 32766 and 32767 on it are
  /// misfit's.
  MPI_Comm native() const noexcept { return internals_.native(); }
  /// This rank, from 0 on.
  int rank() const noexcept { return internals_.rank(); }
  /// How many ranks there are, P.
  int size() const noexcept { return internals_.size(); }

  /// Replaces `view` by its sum over the ranks. Collective; blocks.
  ///
  /// `view` is contiguous and has one extent on all ranks, else all throw ArgumentError. Sums are
  /// taken in an order that the ranks and their nodes alone decide: neighbours in pairs, then these
  /// pairs in pairs, and so on; of 3 KiB and more, the ranks of a node in this way, then nodes.
  /// Device memory goes through the host unless gpu_aware_mpi().
  template <ExecutionSpace Exec, KokkosView V>
    requires Scalar<typename V::value_type>
  void all_reduce_sum(const Exec& exec, const V& view) const {
    internals_.all_reduce_sum(exec, view);
  }

  /// Replaces `view` on every rank by that of rank `root`. Collective; blocks. As all_reduce_sum();
  /// `root` is one of the ranks, and the same on all. Entries of any type that can be copied by
  /// bytes.
  template <ExecutionSpace Exec, KokkosView V>
    requires detail::Writable<V>
  void broadcast(const Exec& exec, const V& view, int root) const {
    internals_.broadcast(exec, view, root);
  }

  /// Replaces `values` in host memory by their sums over the ranks, in the order of
  /// all_reduce_sum(). Collective; blocks.
  void sum(float* values, std::size_t count) const { internals_.sum(values, count); }
  /// The same for double.
  void sum(double* values, std::size_t count) const { internals_.sum(values, count); }
  /// The same for integers.
  void sum(std::int64_t* values, std::size_t count) const { internals_.sum(values, count); }
  /// The same for complex numbers.
  template <typename T>
  void sum(Kokkos::complex<T>* values, std::size_t count) const {
    sum(reinterpret_cast<T*>(values), 2 * count);
  }

  /// What `work()`, which must not communicate, returns on this rank. Collective; blocks.
  ///
  /// For what may fail on one rank alone, such as reading a file: if it throws on any rank, every
  /// rank throws the same error, which begins with `name` and names the lowest rank concerned.
  template <std::invocable Work>
  auto agree(const char* name, Work&& work) const;

 private:
  friend struct detail::Internals;

  detail::CollectiveCalls internals_;
};

/// Whether MPI reads and writes device memory itself.
///
/// What the environment variable MISFIT_GPU_AWARE_MPI says (0 or 1), else what the MPI library says
/// of itself, else false.
inline bool gpu_aware_mpi() { return detail::gpu_aware_mpi(); }

template <std::invocable Work>
auto Communicator::agree(const char* name, Work&& work) const {
  using Result = std::remove_cvref_t<std::invoke_result_t<Work>>;
  if constexpr (std::is_void_v<Result>) {
    internals_.together({name, {}}, [&](detail::ErrorContext&) { std::forward<Work>(work)(); });
  } else {
    std::optional<Result> result;
    internals_.together({name, {}},
                        [&](detail::ErrorContext&) { result.emplace(std::forward<Work>(work)()); });
    return Result(std::move(*result));
  }
}

}  // namespace misfit
