// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace misfit {

/// What check_replicated() found, the same on all ranks.
struct ReplicatedResult {
  /// The ranks whose x is not that of rank 0, ascending.
  std::vector<int> ranks = {};
  /// The signal of a batch, or 0, in which x of the lowest of them first differs; -1 if none does.
  std::int64_t signal = -1;
  /// The entry of this signal that is the first to differ, or -1.
  std::int64_t entry = -1;

  /// Whether all are the same.
  bool passed() const noexcept { return ranks.empty(); }

  /// A line that says all of this.
  std::string text() const;
};

/// Prints text().
std::ostream& operator<<(std::ostream& out, const ReplicatedResult& result);

namespace detail {

/// An x on the host, signal by signal, and memory to compare it with that of rank 0.
struct ComparedSignals {
  const unsigned char* data = nullptr;
  std::size_t signals = 0, size = 0, entry_bytes = 0;
  std::vector<unsigned char> piece;   // of rank 0's
  std::vector<std::int64_t> numbers;  // by rank: 1 + the first entry that differs, or 0
  ReplicatedResult result;            // with memory for all ranks
  std::optional<Kokkos::DefaultHostExecutionSpace> exec{};

  void reserve(int ranks);
};

/// Collective; blocks. Ranks have agreed on sizes, and have reserved memory.
ReplicatedResult compare_with_rank_0(const Communicator& communicator, ComparedSignals& x);

}  // namespace detail

/// Whether `x`, a signal or a batch, is the same on all ranks, as calls need it where x is whole.
///
/// Bits are compared: a NaN is the same as the same NaN, -0 is not 0. Layouts may differ between
/// ranks; where sizes or types do, all throw ArgumentError. Sends x once, as a broadcast does.
/// Collective; blocks.
template <ExecutionSpace Exec, SignalsOn<Exec> X>
ReplicatedResult check_replicated(const Exec& exec, const Communicator& communicator, const X& x) {
  using T = typename X::non_const_value_type;
  detail::ComparedSignals compared{
      nullptr, detail::batch_size(x), detail::signal_size(x), sizeof(T), {}, {}, {}};
  detail::Workspace packed_memory, host_memory;
  const auto pack_and_reserve = [&](detail::ErrorContext&) {
    detail::require_signals("x", x, compared.signals, compared.size);
    const auto packed = detail::all_signals(detail::pack(exec, x, packed_memory));
    const T* data = packed.data();
    if constexpr (!detail::host_reads<X>) {
      const auto host =
          host_memory.get<T, Kokkos::HostSpace>(packed.extent(0), "misfit::check_replicated::x");
      Kokkos::deep_copy(exec, host, packed);
      data = host.data();
    }
    detail::fence(exec, "misfit::check_replicated: x ready to be compared");
    compared.data = reinterpret_cast<const unsigned char*>(data);
    compared.reserve(communicator.size());
  };
  detail::Internals::of(communicator)
      .together({"check_replicated",
                 {{"the number of signals", static_cast<std::int64_t>(compared.signals)},
                  {"the size of x", static_cast<std::int64_t>(compared.size)},
                  {"the type of x", detail::type_tag<X>()}}},
                pack_and_reserve);
  return detail::compare_with_rank_0(communicator, compared);
}

}  // namespace misfit
