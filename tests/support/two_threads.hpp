// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Work in two threads at once.

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <barrier>
#include <thread>

namespace misfit::test {

/// Whether Kokkos takes kernels from two threads at once.
inline constexpr bool kernels_from_two_threads = detail::is_serial<Kokkos::DefaultExecutionSpace>;
inline constexpr const char* why_not_two_threads = "Kokkos takes kernels from one thread only";

/// work(0) and work(1).
template <typename Work>
void in_two_threads(const Work& work) {
  std::barrier start(2);
  const auto begin = [&](int t) {
    start.arrive_and_wait();
    work(t);
  };
  std::thread other(begin, 1);
  begin(0);
  other.join();
}

}  // namespace misfit::test
