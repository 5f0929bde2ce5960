// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Whether FFTW transforms lines of n entries in one piece of code, several lines side by side in
/// its vectors. Then it is fastest where they are, one entry each row; other lines are faster one
/// by one, copied to where their entries lie one behind the other.
constexpr bool side_by_side(std::int64_t n) {
  return n <= 16 || n == 20 || n == 25 || n == 32 || n == 64 || n == 128;
}

/// Where FftLines has its lines: in the work array, in the buffers of a thread, and in the spectrum
/// of the caller. Decided by the grid alone.
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
  /// Lines of the last dimension that are transformed side by side stay in the nearest cache.
  static constexpr std::int64_t nearest_cache = 1 << 14;

  FftLineLayout(const FftGrid& of, bool real) : grid(of) {
    padded = round_up(grid.outputs, aligned_entries);
    row = apart(padded);
    plane = apart(row * grid.n[1]);
    line = round_up(std::max(grid.n[0], grid.n[1]), aligned_entries) + aligned_entries;
    const std::int64_t fit = cache / static_cast<std::int64_t>(2 * sizeof(Complex) * chunk) / line;
    together = chunk * std::clamp<std::int64_t>(fit, 1, most_chunks);
    for (int d = 0; d < 3; ++d) beside[d] = side_by_side(grid.n[d]) && !(d == 2 && real);
    const std::int64_t rows = grid.n[1] > 1 ? grid.n[1] : grid.n[0];
    pair = apart(round_up(grid.n[2], aligned_entries));
    const std::int64_t near = nearest_cache / static_cast<std::int64_t>(sizeof(Complex));
    if (beside[2]) rows_beside = std::clamp<std::int64_t>(near / row, 1, rows);
    pairs = real && rows > 1 && grid.n[2] > 1 && side_by_side(grid.n[2]);
    if (pairs) rows_beside = 2 * std::clamp<std::int64_t>(near / pair, 1, (rows + 1) / 2);
    far = work_size() * static_cast<std::int64_t>(sizeof(Complex)) > cache;
  }

  /// Entries at a distance of a power of two would fall on the same few lines of a cache.
  static constexpr std::int64_t apart(std::int64_t stride) {
    return stride * static_cast<std::int64_t>(sizeof(Complex)) % 1024 == 0
               ? stride + aligned_entries
               : stride;
  }

  std::int64_t work_size() const { return grid.batch * grid.n[0] * plane; }
  /// What one thread needs besides.
  std::int64_t buffer_size() const {
    const std::int64_t blocks = 2 * together * line + rows_together * together;
    const std::int64_t rows = pairs ? (rows_beside / 2 + 1) * pair : pair;
    return std::max(blocks, rows);
  }

  /// Rows of an image that are loaded and stored together: a plane; of an image of two dimensions,
  /// whose planes have one row each, those that are transformed side by side.
  struct RowGroup {
    std::int64_t first;   ///< row of all images
    std::int64_t count;   ///< rows
    std::int64_t begin;   ///< where the first one is in the work array
    std::int64_t stride;  ///< from a row to the next
  };
  std::int64_t planes_in_group() const { return grid.n[1] > 1 ? 1 : rows_beside; }
  std::int64_t groups_in_image() const {
    return (grid.n[0] + planes_in_group() - 1) / planes_in_group();
  }
  std::int64_t groups() const { return grid.batch * groups_in_image(); }
  RowGroup group_number(std::int64_t number) const {
    const std::int64_t p0 = number % groups_in_image() * planes_in_group();
    const std::int64_t first = number / groups_in_image() * grid.n[0] + p0;
    return {first * grid.n[1], std::min(planes_in_group(), grid.n[0] - p0) * grid.n[1],
            first * plane, grid.n[1] > 1 ? row : plane};
  }

  /// The blocks of the spectrum: `together` lines of the first dimension. Where these are copied,
  /// their places in the caller's spectrum are one behind the other.
  std::int64_t blocks_in_row() const {
    const std::int64_t tail = beside[0] ? 0 : grid.origin[2];
    return (grid.outputs - tail + together - 1) / together + (tail + together - 1) / together;
  }
  std::int64_t blocks() const { return grid.batch * grid.n[1] * blocks_in_row(); }

  /// A block of the spectrum of an image, or a part of one: `width` lines of the first dimension,
  /// from frequency number `begin` of the last on.
  struct SpectrumBlock {
    std::int64_t image, p1, begin, width;
  };
  SpectrumBlock block_number(std::int64_t number) const {
    const std::int64_t in_row = number % blocks_in_row();
    const std::int64_t head = beside[0] ? grid.outputs : grid.outputs - grid.origin[2];
    const std::int64_t head_blocks = (head + together - 1) / together;
    const bool in_head = in_row < head_blocks;
    const std::int64_t begin =
        in_head ? in_row * together : head + (in_row - head_blocks) * together;
    return {number / blocks_in_row() / grid.n[1], number / blocks_in_row() % grid.n[1], begin,
            std::min(together, (in_head ? head : grid.outputs) - begin)};
  }

  /// A block in two parts, one of which may be empty, whose places in the caller's spectrum are one
  /// behind the other.
  void cut(const SpectrumBlock& block, SpectrumBlock (&parts)[2]) const {
    const std::int64_t head = grid.outputs - grid.origin[2];
    const std::int64_t left = std::clamp<std::int64_t>(head - block.begin, 0, block.width);
    parts[0] = {block.image, block.p1, block.begin, left};
    parts[1] = {block.image, block.p1, block.begin + left, block.width - left};
  }

  /// The place of entry p0 of the first line of a block. misfit's own spectra lie block by block,
  /// and in a block as its lines do: side by side, or one behind the other.
  SpectrumPlace place(const SpectrumBlock& at, std::int64_t p0) const {
    const std::int64_t k0 = grid.place(0, p0), k1 = grid.place(1, at.p1),
                       k2 = grid.place(2, at.begin);
    const std::int64_t own =
        (at.p1 * grid.outputs + at.begin) * grid.n[0] + p0 * (beside[0] ? at.width : 1);
    return {k0,
            k1,
            k2,
            ((at.image * grid.n[0] + k0) * grid.n[1] + k1) * grid.outputs + k2,
            at.image * grid.spectrum_size() + own,
            own};
  }

  /// The place in the next line of the first dimension; behind the last one that of the first.
  void next_row(const SpectrumBlock& block, SpectrumPlace& at) const {
    const std::int64_t row_of_caller = grid.n[1] * grid.outputs;
    const std::int64_t own = beside[0] ? block.width : 1;
    ++at.k0, at.own += own, at.own_in_image += own, at.caller += row_of_caller;
    if (at.k0 == grid.n[0]) at.k0 = 0, at.caller -= grid.n[0] * row_of_caller;
  }

  FftGrid grid;
  std::int64_t padded, row, plane, line, pair, together, rows_beside = 1;
  bool beside[3];  // whether lines of a dimension are transformed side by side, in place
  bool pairs;      // whether real rows are transformed in pairs, as real and imaginary part
  bool far;        // whether the work array leaves the cache between two passes
};

}  // namespace misfit::detail
