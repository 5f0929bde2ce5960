// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace misfit::detail {

/// Real numbers, contiguous, that a collective call sums over the ranks in place.
struct ReductionBuffer {
  /// Fewer bytes travel with the header of a call; with it they stay below 4 KiB, beyond which Open
  /// MPI asks the receiver first.
  static constexpr std::size_t alone = 3072;

  void* data = nullptr;    ///< where MPI reads and writes
  std::size_t count = 0;   ///< 0: nothing to sum
  std::size_t number = 0;  ///< bytes of one number: 4 for float, 8 for double
  std::span<std::byte>
      scratch{};  ///< scratch_bytes(), where MPI writes; none for fewer than `alone`
  /// Adds other to sum, `count` numbers where MPI reads and writes, on `exec`, and waits; null
  /// where that is the host.
  void (*add_on_device)(const void* exec, void* sum, const void* other,
                        std::size_t count) = nullptr;
  const void* exec = nullptr;

  bool on_host() const { return add_on_device == nullptr; }
  std::size_t bytes() const { return count * number; }
  /// For a sum of so many bytes: room for two numbers of each of `ranks` ranks at least.
  static std::size_t scratch_bytes(std::size_t bytes, int ranks) {
    constexpr std::size_t most = std::size_t{512} << 10;
    const std::size_t least = 2 * sizeof(double) * static_cast<std::size_t>(ranks);
    return bytes < alone || ranks < 2 ? 0 : std::max(least, std::min(most, 2 * bytes));
  }
  void add_to(void* sum, const void* other, std::size_t count) const;
};

/// The `count` entries of type T, complex ones as pairs.
template <typename T>
ReductionBuffer reduction_buffer_of(T* data, std::size_t count) {
  constexpr std::size_t parts = is_complex<T> ? 2 : 1;
  ReductionBuffer buffer;
  buffer.data = data;
  buffer.count = count * parts;
  buffer.number = count > 0 ? sizeof(Real<T>) : 0;
  return buffer;
}

/// ReductionBuffer::add_on_device for numbers of type T.
template <typename Exec, typename T>
void add_on_device(const void* exec_pointer, void* sum, const void* other, std::size_t count) {
  const Exec& exec = *static_cast<const Exec*>(exec_pointer);
  auto* const a = static_cast<T*>(sum);
  const auto* const b = static_cast<const T*>(other);
  for_indices(exec, "misfit::add", count, KOKKOS_LAMBDA(const std::int64_t j) { a[j] += b[j]; });
  fence(exec, "misfit::Communicator: added before MPI reads");
}

}  // namespace misfit::detail
