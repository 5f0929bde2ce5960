// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace misfit::detail {

/// Asks a CPU to bring `bytes` bytes from `address` on into its second-level cache. Any address
/// will do. Always inlined: GCC drops calls of a function that does nothing else.
[[gnu::always_inline]] inline void prefetch([[maybe_unused]] const void* address,
                                            [[maybe_unused]] std::size_t bytes) {
#if defined(__GNUC__)
  constexpr std::size_t line = 64;
  for (std::size_t b = 0; b < bytes; b += line)
    __builtin_prefetch(static_cast<const char*>(address) + b, 0, 2);
#endif
}

}  // namespace misfit::detail
