// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Loops on an execution space. On a CPU, where a kernel is done when its launch returns, Kokkos
// gets a pointer to the body, so that what Kokkos does for a launch is compiled once, in core/, and
// not for each body.

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Whether share_indices() is compiled for `Exec` in core/.
template <typename Exec>
inline constexpr bool shares_indices = false;

/// A body of any type, and what calls it for begin ≤ i < end.
struct IndexLoop {
  const void* body;
  void (*run)(const void* body, std::int64_t begin, std::int64_t end);
};

/// Runs `loop` over 0 … n − 1, cut into one share for each thread of `exec`. Blocks.
template <typename Exec>
void share_indices(const Exec& exec, const char* label, std::int64_t n, IndexLoop loop);

#if defined(KOKKOS_ENABLE_SERIAL)
template <>
inline constexpr bool shares_indices<Kokkos::Serial> = true;
extern template void share_indices(const Kokkos::Serial&, const char*, std::int64_t, IndexLoop);
#endif
#if defined(KOKKOS_ENABLE_OPENMP)
template <>
inline constexpr bool shares_indices<Kokkos::OpenMP> = true;
extern template void share_indices(const Kokkos::OpenMP&, const char*, std::int64_t, IndexLoop);
#endif
#if defined(KOKKOS_ENABLE_THREADS)
template <>
inline constexpr bool shares_indices<Kokkos::Threads> = true;
extern template void share_indices(const Kokkos::Threads&, const char*, std::int64_t, IndexLoop);
#endif

template <typename Body>
void run_indices(const void* body, std::int64_t begin, std::int64_t end) {
  const Body& call = *static_cast<const Body*>(body);
  for (std::int64_t i = begin; i < end; ++i) call(i);
}

/// body(i) for 0 ≤ i < n, in any order, neighbours by one thread. Asynchronous on `exec`.
template <typename Exec, typename Body>
void for_indices(const Exec& exec, const char* label, std::size_t n, const Body& body) {
  if constexpr (shares_indices<Exec>) {
    const Body own = untracked(body);
    share_indices(exec, label, static_cast<std::int64_t>(n), {&own, &run_indices<Body>});
  } else {
    Kokkos::parallel_for(label, range(exec, n), body);
  }
}

}  // namespace misfit::detail
