// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace misfit::detail {

/// A number without a pattern for each z: the last steps of SplitMix64 (G. L. Steele et al., "Fast
/// splittable pseudorandom number generators", 2014).
KOKKOS_INLINE_FUNCTION std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace misfit::detail
