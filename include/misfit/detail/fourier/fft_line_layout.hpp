// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Where FftLines has its lines: in the work array, in the buffers of a thread, and in the spectrum
/// of the caller.
template <typename Complex>
struct FftLineLayout {
  /// Lines of other dimensions than the last are taken `together` at a time, a multiple of `chunk`,
  /// whose entries fill two lines of a cache. Many, so that fewer pages of memory are visited again
  /// and again; not so many that they leave the cache.
  static constexpr std::int64_t chunk = 128 / sizeof(Complex);
  static constexpr std::int64_t most_chunks = 4, cache = 3 << 17, rows_together = 16;
  /// How far ahead `middle` is asked for its arrays. Not a whole block: at a distance of a power of
  /// two its rows fall on the same few lines of a cache, and would leave it before they are used.
  static constexpr std::int64_t rows_ahead = 8;
  static constexpr std::int64_t aligned_entries = fft_alignment / sizeof(Complex);

  explicit FftLineLayout(const FftGrid& of) : grid(of) {
    row = apart(round_up(grid.outputs, aligned_entries));
    plane = apart(row * grid.n[1]);
    line = round_up(*std::max_element(grid.n, grid.n + 3), aligned_entries) + aligned_entries;
    line = std::max(line, row);
    const std::int64_t fit = cache / static_cast<std::int64_t>(2 * sizeof(Complex) * chunk) / line;
    together = chunk * std::clamp<std::int64_t>(fit, 1, most_chunks);
  }

  /// Entries at a distance of a power of two would fall on the same few lines of a cache.
  static constexpr std::int64_t apart(std::int64_t stride) {
    return stride * static_cast<std::int64_t>(sizeof(Complex)) % 1024 == 0
               ? stride + aligned_entries
               : stride;
  }

  std::int64_t planes() const { return grid.batch * grid.n[0]; }
  std::int64_t work_size() const { return planes() * plane; }
  /// What one thread needs besides.
  std::int64_t buffer_size() const { return 2 * together * line + rows_together * together; }

  /// The blocks of the spectrum: lines of the first dimension, `together` of them, whose places in
  /// the caller's spectrum are one behind the other.
  std::int64_t blocks_in_row() const {
    const std::int64_t tail = grid.origin[2];
    return (grid.outputs - tail + together - 1) / together + (tail + together - 1) / together;
  }
  std::int64_t blocks() const { return grid.batch * grid.n[1] * blocks_in_row(); }

  /// A block of the spectrum of an image: `width` lines of the first dimension, from frequency
  /// number `begin` of the last on.
  struct SpectrumBlock {
    std::int64_t image, p1, begin, width;
  };
  SpectrumBlock block_number(std::int64_t number) const {
    const std::int64_t in_row = number % blocks_in_row();
    const std::int64_t head = grid.outputs - grid.origin[2];
    const std::int64_t head_blocks = (head + together - 1) / together;
    const bool in_head = in_row < head_blocks;
    const std::int64_t begin =
        in_head ? in_row * together : head + (in_row - head_blocks) * together;
    return {number / blocks_in_row() / grid.n[1], number / blocks_in_row() % grid.n[1], begin,
            std::min(together, (in_head ? head : grid.outputs) - begin)};
  }

  /// The place of entry p0 of the first line of a block.
  SpectrumPlace place(const SpectrumBlock& at, std::int64_t p0) const {
    const std::int64_t k0 = grid.place(0, p0), k1 = grid.place(1, at.p1),
                       k2 = grid.place(2, at.begin);
    const std::int64_t own = (at.p1 * grid.outputs + at.begin) * grid.n[0] + p0;
    return {k0,
            k1,
            k2,
            ((at.image * grid.n[0] + k0) * grid.n[1] + k1) * grid.outputs + k2,
            at.image * grid.spectrum_size() + own,
            own};
  }

  /// The place in the next line of the first dimension; behind the last one that of the first.
  void next_row(SpectrumPlace& at) const {
    const std::int64_t row_of_caller = grid.n[1] * grid.outputs;
    ++at.k0, ++at.by_lines, ++at.in_image, at.caller += row_of_caller;
    if (at.k0 == grid.n[0]) at.k0 = 0, at.caller -= grid.n[0] * row_of_caller;
  }

  FftGrid grid;
  std::int64_t row, plane, line, together;
};

}  // namespace misfit::detail
