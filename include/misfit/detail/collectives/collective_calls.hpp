// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>
#include <misfit/detail/collectives/tree_sum.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

namespace misfit::detail {

class AgreedSum;

/// Whether MPI reads and writes device memory itself (see misfit::gpu_aware_mpi()).
bool gpu_aware_mpi();

/// A function that is called during a call; a reference.
class Work {
 public:
  template <typename F>
    requires(!std::same_as<std::remove_cvref_t<F>, Work>)
  Work(F&& function)  // NOLINT(google-explicit-constructor): a stand-in
      : function_(&function), run_(&run<std::remove_reference_t<F>>) {}
  void operator()(ErrorContext& context) const { run_(function_, context); }

 private:
  template <typename F>
  static void run(const void* function, ErrorContext& context) {
    (*static_cast<const F*>(function))(context);
  }

  const void* function_;
  void (*run_)(const void* function, ErrorContext& context);
};

/// A duplicated MPI communicator, and the collective calls that all others are made of: work on
/// which the ranks agree, and sums over them. What a Communicator owns.
class CollectiveCalls {
 public:
  /// Collective over `parent`. Throws ArgumentError if MPI does not run or `parent` is
  /// MPI_COMM_NULL or an intercommunicator.
  explicit CollectiveCalls(MPI_Comm parent);

  CollectiveCalls(CollectiveCalls&& other) noexcept;
  CollectiveCalls& operator=(CollectiveCalls&& other) noexcept;
  ~CollectiveCalls();

  MPI_Comm native() const noexcept { return comm_; }
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }

  /// See Communicator.
  template <ExecutionSpace Exec, KokkosView V>
  void all_reduce_sum(const Exec& exec, const V& view) const {
    sum_together(
        exec, {"all_reduce_sum", {}},
        [&](ErrorContext&) {
          require_contiguous(view);
          fence(exec, "misfit::Communicator: data ready for MPI");
        },
        {}, view);
  }

  /// See Communicator.
  template <ExecutionSpace Exec, KokkosView V>
  void broadcast(const Exec& exec, const V& view, int root) const {
    typename V::value_type* data = nullptr;
    together({"broadcast",
              {{"the root", root},
               {"the number of entries", entries_of(view)},
               {"the bytes of an entry", static_cast<std::int64_t>(sizeof(*data))}}},
             [&](ErrorContext&) {
               if (root < 0 || root >= size_)
                 throw ArgumentError("root: there is no rank " + std::to_string(root));
               require_contiguous(view);
               fence(exec, "misfit::Communicator: data ready for MPI");
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

  /// The largest of the ranks' values, none of which is NaN. Collective; blocks.
  double largest(double value) const;

  /// Runs `work(context)`, which must not communicate, on this rank. Collective; blocks.
  ///
  /// If it throws on any rank, or if `call` differs between ranks, every rank throws the same
  /// error, which names the lowest rank concerned and the operator that `context` was set to. Costs
  /// ⌈k/2⌉ rounds of small messages on 2^k ranks, three a rank in each; on other numbers of ranks
  /// one more.
  void together(const Call& call, Work work) const { sum_together(call, work, {}); }

  /// As together(call, work), then replaces `values` by their sums over the ranks, in the order of
  /// all_reduce_sum(), by the same messages. (More than 512 values cost messages of their own.)
  ///
  /// After an error `values` are undefined. They are looked up after `work`, which may set them.
  void sum_together(const Call& call, Work work, const std::span<double>& values) const;

  /// The same, and replaces `view`, which is contiguous, by its sum over the ranks.
  ///
  /// `work` leaves it complete: it has waited for its kernels. The view, too, is looked up after
  /// it. One of less than 3 KiB travels by the same messages. A longer one of n bytes follows: in a
  /// node through shared memory, of which each rank gives 260 KiB (the environment variable
  /// MISFIT_NODE_SUM=0 forbids it), else by messages of less than 2 n bytes a rank; between N nodes
  /// by messages of 2 (N − 1)/N n bytes a node. For messages a rank keeps up to 512 KiB (more where
  /// there are more than 32768 ranks). The bits are the same by whichever way.
  template <ExecutionSpace Exec, KokkosView V>
  void sum_together(const Exec& exec, const Call& call, Work work, const std::span<double>& values,
                    const V& view) const;

  /// Whether sum_together() of 2^k ranks adds pairs of neighbours, then pairs of these pairs, and
  /// so on: not where nodes have the ranks in another order. Collective; blocks.
  bool sums_in_pairs() const;

  /// Sets `sum` to the sum of all terms in the order of `tree`, from `vectors`, one of the length
  /// of `sum` for each of tree.own_nodes(); these are lost. They are complete. Nothing is agreed:
  /// ranks know that all call it, and each has called reserve_in_tree_order(). Collective; blocks.
  template <ExecutionSpace Exec, typename T, typename Space>
  void sum_in_tree_order(const Exec& exec, TreeSum& tree, const Vector<T, Space>& vectors,
                         const Vector<T, Space>& sum) const;
  /// Takes the memory for that. Not collective.
  template <typename T, typename Space>
  void reserve_in_tree_order(const TreeSum& tree, const Vector<T, Space>& vectors,
                             const Vector<T, Space>& sum) const;

  /// Takes the memory that sum_together() of `view` needs, so that this cannot fail for want of it.
  /// Not collective.
  template <ExecutionSpace Exec, KokkosView V>
  void reserve(const Exec& exec, const V& view) const;

  /// Runs `work(context)` on this rank alone; what it throws is given rank and operator.
  void alone(const Call& call, Work work) const;

  /// Frees the memory that calls keep to work in. Not collective.
  void clear_caches() const;

 private:
  void swap(CollectiveCalls& other) noexcept;
  // The same with a buffer that `work` sets up.
  void agree_and_sum(const Call& call, Work work, const std::span<double>& values,
                     const ReductionBuffer& buffer) const;
  void broadcast_bytes(void* data, std::size_t count, int root) const;
  // Throws ArgumentError if this object was moved from.
  void require_owner() const;
  template <typename V>
  static std::int64_t entries_of(const V& view) {
    return static_cast<std::int64_t>(view.size());
  }

  template <typename T>
  void sum_numbers(T* values, std::size_t count) const;

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
  ReductionBuffer reduction_buffer_in(const Exec& exec, T* data, std::size_t count) const;

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  std::unique_ptr<AgreedSum> agreed_sum_;  // none where there is one rank alone
  mutable Workspace staging_, scratch_;
};

template <ExecutionSpace Exec, KokkosView V>
void CollectiveCalls::sum_together(const Exec& exec, const Call& call, Work work,
                                   const std::span<double>& values, const V& view) const {
  require_owner();
  if (size_ == 1) return alone(call, work);
  typename V::non_const_value_type* data = nullptr;
  ReductionBuffer buffer;
  const auto work_and_lend = [&](ErrorContext& context) {
    work(context);
    data = lend(exec, view);
    buffer = reachable(view)
                 ? reduction_buffer_in<typename V::memory_space>(exec, data, view.span())
                 : reduction_buffer_in<Kokkos::HostSpace>(exec, data, view.span());
  };
  agree_and_sum(call, work_and_lend, values, buffer);
  take_back(exec, view, data);
}

template <typename T, typename Space>
void CollectiveCalls::reserve_in_tree_order(const TreeSum& tree, const Vector<T, Space>& vectors,
                                            const Vector<T, Space>& sum) const {
  const ReductionBuffer buffer = reduction_buffer_of(sum.data(), sum.extent(0));
  scratch_.get<std::byte, Kokkos::HostSpace>(tree.scratch_bytes(buffer.count, buffer.number),
                                             "misfit::Communicator::scratch");
  if constexpr (!host_reads<Space>)
    staging_.get<T, Kokkos::HostSpace>(std::max(vectors.extent(0), sum.extent(0)),
                                       "misfit::Communicator::staging");
}

template <ExecutionSpace Exec, typename T, typename Space>
void CollectiveCalls::sum_in_tree_order(const Exec& exec, TreeSum& tree,
                                        const Vector<T, Space>& vectors,
                                        const Vector<T, Space>& sum) const {
  const ReductionBuffer buffer = reduction_buffer_of(sum.data(), sum.extent(0));
  const std::size_t bytes = tree.scratch_bytes(buffer.count, buffer.number);
  const std::span<std::byte> scratch(
      scratch_.get<std::byte, Kokkos::HostSpace>(bytes, "misfit::Communicator::scratch").data(),
      bytes);
  if constexpr (host_reads<Space>) {
    tree.sum(comm_, vectors.data(), sum.data(), buffer.count, buffer.number, scratch);
  } else {
    const std::size_t size = std::max(vectors.extent(0), sum.extent(0));
    const auto host = staging_.get<T, Kokkos::HostSpace>(size, "misfit::Communicator::staging");
    const auto first = [&](std::size_t n) { return Vector<T, Kokkos::HostSpace>(host.data(), n); };
    Kokkos::deep_copy(exec, first(vectors.extent(0)), vectors);
    fence(exec, "misfit::Communicator: data copied to the host");
    tree.sum(comm_, host.data(), host.data(), buffer.count, buffer.number, scratch);
    Kokkos::deep_copy(exec, sum, first(sum.extent(0)));
    fence(exec, "misfit::Communicator: data copied from the host");
  }
}

template <ExecutionSpace Exec, KokkosView V>
void CollectiveCalls::reserve(const Exec& exec, const V& view) const {
  using T = typename V::non_const_value_type;
  if (size_ == 1) return;
  if (reachable(view)) {
    reduction_buffer_in<typename V::memory_space>(exec, view.data(), view.span());
  } else {
    const auto host =
        staging_.get<T, Kokkos::HostSpace>(view.span(), "misfit::Communicator::staging");
    reduction_buffer_in<Kokkos::HostSpace>(exec, host.data(), view.span());
  }
}

template <typename V>
bool CollectiveCalls::reachable(const V& view) {
  return host_reads<V> || (gpu_aware_mpi() &&
                           view.span() * sizeof(typename V::value_type) >= ReductionBuffer::alone);
}

template <typename Space, typename Exec, typename T>
ReductionBuffer CollectiveCalls::reduction_buffer_in(const Exec& exec, T* data,
                                                     std::size_t count) const {
  auto buffer = reduction_buffer_of(data, count);
  if (const auto bytes = ReductionBuffer::scratch_bytes(buffer.bytes(), size_); bytes > 0)
    buffer.scratch = {scratch_.get<std::byte, Space>(bytes, "misfit::Communicator::scratch").data(),
                      bytes};
  if constexpr (!host_reads<Space>) {
    buffer.add_on_device = &add_on_device<Exec, Real<T>>;
    buffer.exec = &exec;
  }
  return buffer;
}

template <typename Exec, typename V>
typename V::non_const_value_type* CollectiveCalls::lend(const Exec& exec, const V& view) const {
  using T = typename V::non_const_value_type;
  if constexpr (host_reads<V>) {
    return view.data();
  } else {
    if (reachable(view)) return view.data();
    const Vector<T, typename V::memory_space> device(view.data(), view.span());
    const auto host =
        staging_.get<T, Kokkos::HostSpace>(view.span(), "misfit::Communicator::staging");
    Kokkos::deep_copy(exec, host, device);
    fence(exec, "misfit::Communicator: data copied to the host");
    return host.data();
  }
}

template <typename Exec, typename V>
void CollectiveCalls::take_back(const Exec& exec, const V& view,
                                typename V::non_const_value_type* data) const {
  using T = typename V::non_const_value_type;
  if constexpr (!host_reads<V>) {
    if (reachable(view)) return;
    const Vector<T, Kokkos::HostSpace> host(data, view.span());
    const Vector<T, typename V::memory_space> device(view.data(), view.span());
    Kokkos::deep_copy(exec, device, host);
    fence(exec, "misfit::Communicator: data copied from the host");
  }
}

}  // namespace misfit::detail
