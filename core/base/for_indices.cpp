// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/for_indices.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

template <typename Exec>
void share_indices(const Exec& exec, const char* label, std::int64_t n, IndexLoop loop) {
  const auto shares = std::min(n, static_cast<std::int64_t>(exec.concurrency()));
  Kokkos::parallel_for(
      label, range(exec, static_cast<std::size_t>(shares)),
      [=](const std::int64_t s) { loop.run(loop.body, n * s / shares, n * (s + 1) / shares); });
}

#if defined(KOKKOS_ENABLE_SERIAL)
template void share_indices(const Kokkos::Serial&, const char*, std::int64_t, IndexLoop);
#endif
#if defined(KOKKOS_ENABLE_OPENMP)
template void share_indices(const Kokkos::OpenMP&, const char*, std::int64_t, IndexLoop);
#endif
#if defined(KOKKOS_ENABLE_THREADS)
template void share_indices(const Kokkos::Threads&, const char*, std::int64_t, IndexLoop);
#endif

}  // namespace misfit::detail
