// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/convolution/layout.hpp>

#include <algorithm>

namespace misfit::detail {

template <bool Adjoint>
void TileLayout::set_rows(const Axis& d, bool separable, std::int64_t w) {
  if (Adjoint) {
    const std::int64_t positions =
        w + std::max<std::int64_t>(d.front, 0) + std::max<std::int64_t>(d.back, 0);
    line = positions / d.stride + 3 * (d.taps / d.stride + 4);
    slot = line;
    sums = positions + 5 * d.stride;
  } else {
    line = d.stride * w + 2 * d.taps;
    sums = phases(d) * phase_distance(d, w);
    slot = separable ? line : std::max(line, sums);
  }
  line = round_up(line, 16);
  slot = round_up(slot, 16);
  sums = round_up(sums, 16);
}

template <bool Adjoint>
TileLayout tile_layout(const Axes& axes, bool separable, std::int64_t entry_size) {
  const auto &a = axes[0], &b = axes[1], &c = axes[2], &d = axes[3];
  const auto targets = [](const Axis& axis) { return Adjoint ? axis.inputs : axis.outputs; };
  const auto sources = [](const Axis& axis) {
    return Adjoint ? (axis.taps - 1) / axis.stride + 1 : axis.taps;
  };
  // Two rows are computed at once unless the kernel is separable: what the second reads besides.
  const std::int64_t more = separable ? 0 : Adjoint ? 1 : std::min(c.stride, c.taps);
  const std::int64_t n = targets(d);
  // Every tile of an adjoint begins at a multiple of the stride: all have the same phases.
  const std::int64_t step = Adjoint ? d.stride : 1;
  TileLayout layout;
  layout.ring = separable && b.taps == 1 ? 0 : sources(c) + more;
  layout.groups = separable ? 1 : sources(b);
  const auto fits = [&](std::int64_t width) {
    layout.set_rows<Adjoint>(d, separable, width);
    return layout.slots() <= TileLayout::most_slots &&
           layout.entries() * entry_size <= TileLayout::bytes;
  };
  // Narrower tiles read more of their neighbours; below this it is better to prepare rows twice.
  const std::int64_t least = std::min(round_up(n, step), round_up(64, step));
  while (!fits(least) && layout.slots() > 1) (layout.ring > 1 ? layout.ring : layout.groups) /= 2;
  layout.fits = fits(least);
  if (!layout.fits) return layout;
  std::int64_t widest = round_up(n, step);
  while (widest > least && !fits(widest)) widest = std::max(least, widest * 7 / 8 / step * step);
  layout.tiles = (n + widest - 1) / widest;
  layout.width = std::min(widest, round_up((n + layout.tiles - 1) / layout.tiles, 16 * step));
  layout.tiles = (n + layout.width - 1) / layout.width;
  layout.set_rows<Adjoint>(d, separable, layout.width);

  // Tall tiles prepare fewer rows twice, many tiles are shared evenly among many threads.
  const std::int64_t rest = targets(a) * targets(b) * layout.tiles;
  layout.height = std::min(targets(c), std::clamp<std::int64_t>(targets(c) * rest / 512, 8, 64));
  layout.blocks = (targets(c) + layout.height - 1) / layout.height;
  layout.items = rest * layout.blocks;
  return layout;
}

template TileLayout tile_layout<false>(const Axes&, bool, std::int64_t);
template TileLayout tile_layout<true>(const Axes&, bool, std::int64_t);

}  // namespace misfit::detail
