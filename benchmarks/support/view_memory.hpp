// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::bench {

/// What Views allocate on this rank, seen through Kokkos's hooks for tools.
class ViewMemory {
 public:
  /// To be called once, when Kokkos has started.
  static void watch() {
    Kokkos::Tools::Experimental::set_allocate_data_callback(
        [](Kokkos::Tools::SpaceHandle, const char*, const void*, std::uint64_t size) {
          ++allocations_;
          held_ += static_cast<double>(size);
          most_held_ = std::max(most_held_, held_);
        });
    Kokkos::Tools::Experimental::set_deallocate_data_callback(
        [](Kokkos::Tools::SpaceHandle, const char*, const void*, std::uint64_t size) {
          held_ -= static_cast<double>(size);
        });
  }
  /// From here on only what is allocated anew counts as held.
  static void forget() { held_ = 0; }
  static void start_of_peak() { most_held_ = held_; }

  static std::size_t allocations() { return allocations_; }
  static double held() { return held_; }
  /// The most bytes held at once since start_of_peak().
  static double most_held() { return most_held_; }

 private:
  static inline std::size_t allocations_ = 0;
  static inline double held_ = 0, most_held_ = 0;
};

}  // namespace misfit::bench
