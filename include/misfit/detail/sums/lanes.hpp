// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Loops that become vectors, at -O2 too. There GCC vectorises only what runs a known number of
// times, in whole vectors, and inlines only what is small. So loops run in blocks of a known
// length; and the functions around them are flattened: all that they call, a user's functions too,
// is inlined. (What GCC must always inline itself it does not flatten.)

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Enough to hide the latency of an addition behind others, with vectors of any width; and more
/// than compilers unroll before they vectorise.
inline constexpr int lanes = 32;

/// body(l) for l < N; no iteration reads what another one writes. For functions that are flattened.
#if defined(__CUDACC__)
#pragma nv_exec_check_disable
#endif
template <int N, typename Body>
KOKKOS_FORCEINLINE_FUNCTION void for_lanes(const Body& body) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
  for (int l = 0; l < N; ++l) body(l);
#elif defined(__GNUC__) && !defined(__CUDACC__)
  if constexpr (N >= 16) {
#pragma GCC ivdep
#pragma GCC unroll 8  // of vectors: what is summed stays in registers
    for (int l = 0; l < N; ++l) body(l);
  } else {
#pragma GCC ivdep
    for (int l = 0; l < N; ++l) body(l);
  }
#else
  for (int l = 0; l < N; ++l) body(l);
#endif
}

/// The sum of `values`, by halves; they are changed.
template <int N, typename T, int Size>
T sum_of_lanes(T (&values)[Size]) {
  if constexpr (N == 1) {
    return values[0];
  } else {
    for_lanes<N / 2>([&](int l) { values[l] += values[l + N / 2]; });
    return sum_of_lanes<N / 2>(values);
  }
}

/// body(j) for begin ≤ j < end; no iteration reads what another one writes. The body holds copies
/// of what it uses: only these are known not to change while it writes, and stay in registers.
#if defined(__CUDACC__)
#pragma nv_exec_check_disable
#endif
template <typename Index, typename Body>
[[gnu::flatten]] KOKKOS_INLINE_FUNCTION void for_range(Index begin, Index end, const Body body) {
  constexpr int few = 4;
  Index j = begin;
  for (; j + lanes <= end; j += lanes) for_lanes<lanes>([&](int l) { body(j + l); });
  for (; j + few <= end; j += few) for_lanes<few>([&](int l) { body(j + l); });
  for (; j < end; ++j) body(j);
}

/// body(j) for j < n; no iteration reads what another one writes. On a CPU in vectors. Asynchronous
/// on `exec`.
template <typename Exec, typename Body>
void for_entries(const Exec& exec, const char* label, std::size_t n, const Body& body) {
  if constexpr (in_cpu_form<Exec>) {
    constexpr std::int64_t piece = 4096;
    const auto entries = static_cast<std::int64_t>(n);
    for_indices(exec, label, (n + piece - 1) / piece, [=](const std::int64_t t) {
      for_range(t * piece, std::min((t + 1) * piece, entries), body);
    });
  } else {
    for_indices(exec, label, n, body);
  }
}

}  // namespace misfit::detail
