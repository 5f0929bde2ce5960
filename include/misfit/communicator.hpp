// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit {

namespace detail {
class AgreedSum;
}

/// Owns one duplicated MPI communicator, so that misfit's traffic never meets the caller's.
///
/// Errors on the duplicate return codes (and become MpiError); the caller's communicator keeps its
/// own error handler. Move-only; freed on destruction, or left to MPI if it is finalized. An object
/// that was moved from throws ArgumentError in every collective call.
class Communicator {
 public:
  /// Collective over `parent`.
  ///
  /// Throws ArgumentError if MPI does not run or `parent` is MPI_COMM_NULL or an intercommunicator.
  explicit Communicator(MPI_Comm parent);

  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&& other) noexcept;
  ~Communicator();

  /// Borrowed: valid as long as this object. Messages with tag 32767 on it are misfit's.
  MPI_Comm native() const noexcept { return comm_; }
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }

  /// Replaces `view` by its sum over the ranks. Collective; blocks.
  ///
  /// `view` is contiguous and has one extent on all ranks, else all throw ArgumentError. Sums are
  /// taken in an order that the number of ranks alone decides: neighbours in pairs, then these
  /// pairs in pairs, and so on. Device memory goes through the host unless gpu_aware_mpi().
  template <ExecutionSpace Exec, KokkosView V>
  requires Scalar<typename V::value_type>
  void all_reduce_sum(const Exec& exec, const V& view) const {
    sum_together(
        exec, {"all_reduce_sum", {}},
        [&](detail::ErrorContext&) {
          detail::require_contiguous(view);
          detail::fence(exec, "misfit::Communicator: data ready for MPI");
        },
        {}, view);
  }

  /// Replaces `view` on every rank by that of rank `root`. Collective; blocks. As all_reduce_sum();
  /// `root` is one of the ranks, and the same on all. Entries of any type that can be copied by bytes.
  template <ExecutionSpace Exec, KokkosView V>
  requires detail::Writable<V>
  void broadcast(const Exec& exec, const V& view, int root) const {
    typename V::value_type* data = nullptr;
    together({"broadcast", {{"the root", root}, {"the number of entries", entries_of(view)}}},
             [&](detail::ErrorContext&) {
               if (root < 0 || root >= size_)
                 throw ArgumentError("root: there is no rank " + std::to_string(root));
               detail::require_contiguous(view);
               detail::fence(exec, "misfit::Communicator: data ready for MPI");
               data = lend(exec, view);
             });
    broadcast_bytes(data, view.span() * sizeof(*data), root);
    take_back(exec, view, data);
  }

  /// Replaces `values` in host memory by their sums over the ranks, in the order of
  /// all_reduce_sum(). Collective; blocks.
  void sum(float* values, std::size_t count) const;
  void sum(double* values, std::size_t count) const;
  void sum(std::int64_t* values, std::size_t count) const;
  template <typename T>
  void sum(Kokkos::complex<T>* values, std::size_t count) const {
    sum(reinterpret_cast<T*>(values), 2 * count);
  }

  /// Runs `work(context)`, which must not communicate, on this rank. Collective; blocks.
  ///
  /// If it throws on any rank, or if `call` differs between ranks, every rank throws the same
  /// error, which names the lowest rank concerned and the operator that `context` was set to. Costs
  /// ⌈log₂ p⌉ small messages a rank, one after the other, on p ranks.
  template <typename Work>
  void together(const detail::Call& call, Work&& work) const {
    sum_together(call, work, {});
  }

  /// What `work()`, which must not communicate, returns on this rank. Collective; blocks.
  ///
  /// For what may fail on one rank alone, such as reading a file: if it throws on any rank, every
  /// rank throws the same error, which begins with `name` and names the lowest rank concerned.
  template <std::invocable Work>
  auto together(const char* name, Work&& work) const;

  /// As together(call, work), then replaces `values` by their sums over the ranks, in the order of
  /// all_reduce_sum(), by the same messages. (More than 512 values cost messages of their own.)
  ///
  /// After an error `values` are undefined. They are looked up after `work`, which may set them.
  template <typename Work>
  void sum_together(const detail::Call& call, Work&& work, const std::span<double>& values) const;

  /// The same, and replaces `buffer`, a contiguous View, by its sum over the ranks.
  ///
  /// `work` leaves the buffer complete: it has waited for its kernels. `buffer`, too, is looked
  /// up after it. One of less than 3 KiB travels by the same messages. A longer one of n bytes
  /// follows: where all ranks share a node through shared memory, of which each gives 260 KiB (the
  /// environment variable MISFIT_NODE_SUM=0 forbids it); else in 2 ⌈log₂ p⌉ steps, by which a rank
  /// sends less than 2 n bytes and for which it keeps up to 512 KiB. The bits are the same by
  /// whichever way.
  template <ExecutionSpace Exec, KokkosView V, typename Work>
  void sum_together(const Exec& exec, const detail::Call& call, Work&& work,
                    const std::span<double>& values, const V& buffer) const;

  /// Runs `work(context)` on this rank alone; what it throws is given rank and operator.
  template <typename Work>
  void alone(const detail::Call& call, Work&& work) const {
    detail::ErrorContext context;
    try {
      work(context);
    } catch (...) {
      detail::rethrow(detail::describe(call, std::current_exception(), rank_, context));
    }
  }

 private:
  void agree_and_sum(const detail::Call& call, const std::exception_ptr& thrown, const detail::ErrorContext& context,
             std::span<double> values, const detail::ReductionBuffer& buffer) const;
  void broadcast_bytes(void* data, std::size_t count, int root) const;
  // Throws ArgumentError if this object was moved from.
  void require_owner() const;
  template <typename V>
  static std::int64_t entries_of(const V& view) {
    return static_cast<std::int64_t>(view.size());
  }

  template <typename T>
  void sum_numbers(T* values, std::size_t count) const;

  template <typename V>
  static constexpr bool on_host =
      bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename V::memory_space>::accessible);
  // Whether MPI is handed the data of `view` as they lie.
  template <typename V>
  static bool reachable(const V& view);
  // The complete data of `view` where MPI can read and write it: its own, or a copy on the host.
  template <typename Exec, typename V>
  typename V::non_const_value_type* lend(const Exec& exec, const V& view) const;
  // Brings back into `view` what lend() has copied.
  template <typename Exec, typename V>
  void take_back(const Exec& exec, const V& view, typename V::non_const_value_type* data) const;
  // `count` entries at `data` in memory of `Space`, ready to be summed.
  template <typename Space, typename Exec, typename T>
  detail::ReductionBuffer reduction_buffer_in(const Exec& exec, T* data, std::size_t count) const;

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  std::unique_ptr<detail::AgreedSum> agreed_sum_;  // none where there is one rank alone
  mutable detail::Workspace staging_, scratch_;
};

/// Whether MPI reads and writes device memory itself.
///
/// What the environment variable MISFIT_GPU_AWARE_MPI says (0 or 1), else what the MPI library says
/// of itself, else false.
bool gpu_aware_mpi();

template <std::invocable Work>
auto Communicator::together(const char* name, Work&& work) const {
  using Result = std::remove_cvref_t<std::invoke_result_t<Work>>;
  if constexpr (std::is_void_v<Result>) {
    together(detail::Call(name, {}), [&](detail::ErrorContext&) { std::forward<Work>(work)(); });
  } else {
    std::optional<Result> result;
    together(detail::Call(name, {}),
             [&](detail::ErrorContext&) { result.emplace(std::forward<Work>(work)()); });
    return Result(std::move(*result));
  }
}

template <typename Work>
void Communicator::sum_together(const detail::Call& call, Work&& work,
                                const std::span<double>& values) const {
  require_owner();
  if (size_ == 1) return alone(call, work);
  detail::ErrorContext context;
  std::exception_ptr thrown;
  try {
    work(context);
  } catch (...) {
    thrown = std::current_exception();
  }
  agree_and_sum(call, thrown, context, values, {});
}

template <ExecutionSpace Exec, KokkosView V, typename Work>
void Communicator::sum_together(const Exec& exec, const detail::Call& call, Work&& work,
                                const std::span<double>& values, const V& buffer) const {
  require_owner();
  if (size_ == 1) return alone(call, work);
  using Memory = typename V::memory_space;
  detail::ErrorContext context;
  std::exception_ptr thrown;
  typename V::non_const_value_type* data = nullptr;
  detail::ReductionBuffer lent;
  try {
    work(context);
    data = lend(exec, buffer);
    lent = reachable(buffer) ? reduction_buffer_in<Memory>(exec, data, buffer.span())
                              : reduction_buffer_in<Kokkos::HostSpace>(exec, data, buffer.span());
  } catch (...) {
    thrown = std::current_exception();
  }
  agree_and_sum(call, thrown, context, values, lent);
  take_back(exec, buffer, data);
}

template <typename V>
bool Communicator::reachable(const V& view) {
  return on_host<V> || (gpu_aware_mpi() &&
                        view.span() * sizeof(typename V::value_type) >= detail::ReductionBuffer::alone);
}

template <typename Space, typename Exec, typename T>
detail::ReductionBuffer Communicator::reduction_buffer_in(const Exec& exec, T* data, std::size_t count) const {
  auto buffer = detail::reduction_buffer_of(data, count);
  if (const std::size_t bytes = buffer.scratch_bytes(); bytes > 0)
    buffer.scratch = {
        scratch_.get<std::byte, Space>(bytes, "misfit::Communicator::scratch").data(), bytes};
  if constexpr (!bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, Space>::accessible)) {
    buffer.add_on_device = &detail::add_on_device<Exec, detail::Real<T>>;
    buffer.exec = &exec;
  }
  return buffer;
}

template <typename Exec, typename V>
typename V::non_const_value_type* Communicator::lend(const Exec& exec, const V& view) const {
  using T = typename V::non_const_value_type;
  if (reachable(view)) return view.data();
  const Vector<T, typename V::memory_space> device(view.data(), view.span());
  const auto host =
      staging_.get<T, Kokkos::HostSpace>(view.span(), "misfit::Communicator::staging");
  Kokkos::deep_copy(exec, host, device);
  detail::fence(exec, "misfit::Communicator: data copied to the host");
  return host.data();
}

template <typename Exec, typename V>
void Communicator::take_back(const Exec& exec, const V& view,
                             typename V::non_const_value_type* data) const {
  using T = typename V::non_const_value_type;
  if (reachable(view)) return;
  const Vector<T, Kokkos::HostSpace> host(data, view.span());
  const Vector<T, typename V::memory_space> device(view.data(), view.span());
  Kokkos::deep_copy(exec, device, host);
  detail::fence(exec, "misfit::Communicator: data copied from the host");
}

}  // namespace misfit
