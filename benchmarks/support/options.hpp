// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace misfit::bench {

/// What the command line and the machine say.
struct Options {
  int rounds = 21;              ///< timed rounds of a case; one more warms up
  bool quick = false;           ///< fewer cases
  std::size_t cache_bytes = 0;  ///< of the last level
  int ranks = 1;

  /// Bytes of all operators and data together (of each rank in a weak series): from within the
  /// cache to 8 times its size.
  template <typename Use>
  void for_sizes(Use&& use) const {
    if (!quick) use(cache_bytes / 16);
    if (!quick) use(cache_bytes / 2);
    use(4 * cache_bytes);
    if (!quick) use(8 * cache_bytes);
  }
};

/// Registers the cases of a family with Google Benchmark: each program defines it.
void register_cases(const Options& options);

}  // namespace misfit::bench
