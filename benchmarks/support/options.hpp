// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>

namespace misfit::bench {

class Peers;

/// What the command line and the machine say.
struct Options {
  int rounds = 21;              ///< timed rounds of a case; one more warms up
  bool quick = false;           ///< fewer cases
  std::size_t cache_bytes = 0;  ///< of the last level
  int ranks = 1;
  bool only_fn_and_grad = false;
  std::shared_ptr<Peers> peers;  ///< none unless asked for

  /// Calls use(options, bytes) for the bytes of all operators and data together (of each rank in a
  /// weak series): from within the cache to 8 times its size. Most time goes into the largest, so
  /// that it comes with one call alone.
  template <typename Use>
  void for_sizes(Use&& use) const {
    if (!quick) use(*this, cache_bytes / 16);
    if (!quick) use(*this, cache_bytes / 2);
    use(*this, out_of_cache());
    Options largest = *this;
    largest.only_fn_and_grad = true;
    if (!quick) use(largest, 8 * cache_bytes);
  }
  std::size_t out_of_cache() const { return 4 * cache_bytes; }

  /// Whether to register what costs most: weak series of many operators, at one size.
  bool with_weak(std::size_t bytes) const { return ranks > 1 && !quick && bytes == out_of_cache(); }
};

/// The largest cache of the first core that Linux tells of [bytes]; 32 MiB where it tells of none.
std::size_t last_level_cache();
/// Of all cores of the node together: each cache of that size once.
std::size_t last_level_caches();

/// main() of the program of one family, whose cases `register_cases` registers.
int run_family(int argc, char* argv[], void (*register_cases)(const Options& options));

}  // namespace misfit::bench
