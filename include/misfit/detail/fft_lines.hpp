// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Discrete Fourier transforms on a CPU, as passes over lines. What an operator does to an entry of
// an image, or of a spectrum, happens while the entry's line is in cache: between x and its
// measurement, and back to the gradient, memory is passed over three times. FFTW transforms lines
// that lie one entry behind the other, which is what it is fastest at.

#include <misfit/detail/fft_grid.hpp>
#include <misfit/detail/fft_library.hpp>
#include <misfit/detail/prefetch.hpp>
#include <misfit/detail/scalar.hpp>
#include <misfit/detail/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// The passes of a transform of images of `T`, by one thread and a few lines at a time. Copied into
/// kernels; the plans and the memory are the owner's.
template <typename T>
struct FftLines {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;
  static constexpr bool of_real = !is_complex<T>;

  /// How many lines of other dimensions than the last are taken together: their entries fill two
  /// lines of a cache.
  static constexpr std::int64_t together = 128 / sizeof(Complex);
  static constexpr std::int64_t aligned_entries = fft_alignment / sizeof(Complex);

  explicit FftLines(const FftGrid& of) : grid(of) {
    row = apart(round_up(grid.outputs));
    plane = apart(row * grid.n[1]);
    line = round_up(*std::max_element(grid.n, grid.n + 3)) + aligned_entries;
    line = std::max(line, row);
  }

  static constexpr std::int64_t round_up(std::int64_t entries) {
    return (entries + aligned_entries - 1) / aligned_entries * aligned_entries;
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
  std::int64_t buffer_size() const { return 2 * together * line; }

  /// The blocks of the spectrum: lines of the first dimension, `together` of them, whose places in
  /// the caller's spectrum are one behind the other.
  std::int64_t blocks_in_row() const {
    const std::int64_t tail = grid.origin[2];
    return (grid.outputs - tail + together - 1) / together + (tail + together - 1) / together;
  }
  std::int64_t blocks() const { return grid.batch * grid.n[1] * blocks_in_row(); }

  /// Copies `width` columns of n entries into lines, or back.
  void gather(const Complex* from, std::int64_t stride, std::int64_t n, std::int64_t width,
              Complex* lines) const {
    if (width == together)
      gather_columns(from, stride, n, together, lines);
    else
      gather_columns(from, stride, n, width, lines);
  }
  void scatter(const Complex* lines, std::int64_t n, std::int64_t width, Complex* to,
               std::int64_t stride) const {
    if (width == together)
      scatter_columns(lines, n, together, to, stride);
    else
      scatter_columns(lines, n, width, to, stride);
  }
  [[gnu::always_inline]] void gather_columns(const Complex* from, std::int64_t stride,
                                             std::int64_t n, std::int64_t width,
                                             Complex* lines) const {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t l = 0; l < width; ++l) lines[l * line + i] = from[i * stride + l];
  }
  [[gnu::always_inline]] void scatter_columns(const Complex* lines, std::int64_t n,
                                              std::int64_t width, Complex* to,
                                              std::int64_t stride) const {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t l = 0; l < width; ++l) to[i * stride + l] = lines[l * line + i];
  }

  /// Transforms a plane of the work array along its first dimension, in place.
  void columns_of_plane(const FftwLine<R>& transform, Complex* first, Complex* buffer) const {
    Complex* const other = buffer + together * line;
    for (std::int64_t l = 0; l < grid.outputs; l += together) {
      const std::int64_t width = std::min(together, grid.outputs - l);
      gather(first + l, row, grid.n[1], width, buffer);
      for (std::int64_t k = 0; k < width; ++k) transform(buffer + k * line, other + k * line);
      scatter(other, grid.n[1], width, first + l, row);
    }
  }

  /// Transforms plane p of the images, whose entry j is load(j), into the work array.
  template <typename Load>
  void load_plane(std::int64_t p, Complex* buffer, const Load& load) const {
    Complex* const to = work + p * plane;
    T* const in = reinterpret_cast<T*>(buffer);
    Complex* const out = buffer + line;
    for (std::int64_t i = 0; i < grid.n[1]; ++i) {
      const std::int64_t first = (p * grid.n[1] + i) * grid.n[2];
      for (std::int64_t j = 0; j < grid.n[2]; ++j) in[j] = load(first + j);
      load.prefetch(first + grid.n[2], grid.n[2]);
      prefetch(to + i * row, static_cast<std::size_t>(grid.outputs) * sizeof(Complex));
      (*forward[2])(in, out);
      std::copy_n(out, grid.outputs, to + i * row);
    }
    if (grid.n[1] > 1) columns_of_plane(*forward[1], to, buffer);
  }

  /// Transforms plane p of the work array back, and calls store(j, entry j).
  template <typename Store>
  void store_plane(std::int64_t p, Complex* buffer, const Store& store) const {
    Complex* const from = work + p * plane;
    Complex* const in = buffer;
    T* const out = reinterpret_cast<T*>(buffer + line);
    if (grid.n[1] > 1) columns_of_plane(*backward[1], from, buffer);
    for (std::int64_t i = 0; i < grid.n[1]; ++i) {
      const std::int64_t first = (p * grid.n[1] + i) * grid.n[2];
      std::copy_n(from + i * row, grid.outputs, in);
      prefetch(from + (i + 1) * row, static_cast<std::size_t>(grid.outputs) * sizeof(Complex));
      store.prefetch(first, grid.n[2]);
      (*backward[2])(in, out);
      for (std::int64_t j = 0; j < grid.n[2]; ++j) store(first + j, out[j]);
    }
  }

  /// Ends the transform of a block of the spectrum (if Forward), does `middle` to its entries, and
  /// begins the transform back (if Backward). Returns what `middle` sums.
  template <bool Forward, bool Backward, typename Middle>
  Tally block(std::int64_t number, Complex* buffer, const Middle& middle) const {
    const std::int64_t in_row = number % blocks_in_row();
    const std::int64_t p1 = number / blocks_in_row() % grid.n[1];
    const std::int64_t b = number / blocks_in_row() / grid.n[1];
    const std::int64_t head = grid.outputs - grid.origin[2];
    const std::int64_t head_blocks = (head + together - 1) / together;
    const std::int64_t begin =
        in_row < head_blocks ? in_row * together : head + (in_row - head_blocks) * together;
    const std::int64_t width =
        std::min(together, (in_row < head_blocks ? head : grid.outputs) - begin);

    Complex* const column = work + (b * grid.n[0]) * plane + p1 * row + begin;
    Complex* const image = buffer;
    Complex* const spectrum = buffer + together * line;
    const bool lines = grid.n[0] > 1;
    if constexpr (Forward) {
      gather(column, plane, grid.n[0], width, lines ? image : spectrum);
      for (std::int64_t l = 0; lines && l < width; ++l) {
        prefetch_entries(b, p1, begin, l, width, middle);
        (*forward[0])(image + l * line, spectrum + l * line);
      }
    }
    const Tally tally = width == together ? entries(b, p1, begin, together, spectrum, middle)
                                          : entries(b, p1, begin, width, spectrum, middle);
    if constexpr (Backward) {
      for (std::int64_t l = 0; lines && l < width; ++l) {
        if (Forward) prefetch_columns(column + width, l, width);
        (*backward[0])(spectrum + l * line, image + l * line);
      }
      scatter(lines ? image : spectrum, grid.n[0], width, column, plane);
    }
    return tally;
  }

  template <typename Middle>
  [[gnu::always_inline]] Tally entries(std::int64_t b, std::int64_t p1, std::int64_t begin,
                                       std::int64_t width, Complex* spectrum,
                                       const Middle& middle) const {
    double value[together] = {}, outside[together] = {};
    const std::int64_t k1 = grid.place(1, p1), k2 = grid.place(2, begin);
    for (std::int64_t p0 = 0; p0 < grid.n[0]; ++p0) {
      const std::int64_t k0 = grid.place(0, p0);
      const auto entry = middle.row(k0, k1);
      const std::int64_t first = ((b * grid.n[0] + k0) * grid.n[1] + k1) * grid.outputs + k2;
      for (std::int64_t l = 0; l < width; ++l)
        entry(first + l, k2 + l, spectrum[l * line + p0], value[l], outside[l]);
    }
    Tally tally;
    for (std::int64_t l = 0; l < together; ++l) tally += Tally{value[l], outside[l]};
    return tally;
  }

  // While a line is transformed, memory is idle: it can bring what comes next, share l of `shares`.
  template <typename Middle>
  void prefetch_entries(std::int64_t b, std::int64_t p1, std::int64_t begin, std::int64_t l,
                        std::int64_t shares, const Middle& middle) const {
    const std::int64_t k1 = grid.place(1, p1), k2 = grid.place(2, begin);
    for (std::int64_t p0 = grid.n[0] * l / shares; p0 < grid.n[0] * (l + 1) / shares; ++p0) {
      const std::int64_t k0 = grid.place(0, p0);
      middle.row(k0, k1).prefetch(((b * grid.n[0] + k0) * grid.n[1] + k1) * grid.outputs + k2, k2,
                                  shares);
    }
  }
  void prefetch_columns(const Complex* first, std::int64_t l, std::int64_t shares) const {
    for (std::int64_t p0 = grid.n[0] * l / shares; p0 < grid.n[0] * (l + 1) / shares; ++p0)
      prefetch(first + p0 * plane, static_cast<std::size_t>(shares) * sizeof(Complex));
  }

  FftGrid grid;
  std::int64_t row, plane, line;
  const FftwLine<R>* forward[3] = {};
  const FftwLine<R>* backward[3] = {};
  Complex* work = nullptr;
};

}  // namespace misfit::detail
