// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/convolution/axis.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Calls f(tap, source) for all pairs through which a target is computed: an output from inputs,
/// or, for the adjoint, an input from outputs. Padding included.
template <bool Adjoint, typename F>
void for_each_tap(const Axis& axis, std::int64_t target, const F& f) {
  if constexpr (Adjoint) {
    for_each_output(axis, target, f);
  } else {
    const std::int64_t first = axis.stride * target - axis.front;
    for (std::int64_t t = 0; t < axis.taps; ++t) f(t, axis.input_at(first + t));
  }
}

/// The phases of a row: every stride-th entry, from the first, from the second, ... as far as taps
/// need them.
inline std::int64_t phases(const Axis& d) { return std::min(d.stride, d.taps); }

/// The distance between phases, for `count` outputs.
inline std::int64_t phase_distance(const Axis& d, std::int64_t count) {
  return round_up(count + (d.taps - 1) / d.stride, 16);
}

/// How a convolution on a CPU is cut into tiles, and the memory that a tile needs. The axes are
/// a (channels: one tap), b, c and d; targets are what is computed, sources what is read.
struct TileLayout {
  static constexpr std::int64_t bytes = 1 << 16;  ///< on the stack; fits the second-level cache
  static constexpr std::int64_t most_slots = 256;

  std::int64_t width = 0;   ///< targets of a tile along d
  std::int64_t tiles = 0;   ///< of a row
  std::int64_t height = 0;  ///< targets of a tile along c
  std::int64_t blocks = 0;  ///< tiles along c
  std::int64_t items = 0;   ///< tiles in all
  std::int64_t ring = 0;    ///< sources along c that are kept in slots
  std::int64_t groups = 0;  ///< rings: one for each source along b unless the kernel is separable
  std::int64_t line = 0;    ///< most entries of a source row, padded
  std::int64_t slot = 0;    ///< most entries of a slot
  std::int64_t sums =
      0;  ///< most entries of a row summed along d, of two, before they reach the target
  bool fits = false;  ///< into `bytes`

  std::int64_t slots() const { return ring * groups; }

  /// Sets line, slot and sums for tiles of `w` targets.
  template <bool Adjoint>
  void set_rows(const Axis& d, bool separable, std::int64_t w);
  std::int64_t entries() const { return slots() * slot + line + 2 * sums; }
};

/// Compiled in core/, for both.
template <bool Adjoint>
TileLayout tile_layout(const Axes& axes, bool separable, std::int64_t entry_size);

}  // namespace misfit::detail
