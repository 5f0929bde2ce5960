// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Discrete Fourier transforms on a CPU, as passes over lines. What an operator does to an entry of
// an image, or of a spectrum, happens while the entry's line is in cache: between x and its
// measurement, and back to the gradient, memory is passed over three times. FFTW transforms lines
// that lie one entry behind the other, which is what it is fastest at.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/detail/fourier/fft_line_layout.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// The passes of a transform of images of `T`, by one thread and a few lines at a time. Copied into
/// kernels; the plans and the memory are the owner's.
template <typename T>
struct FftLines : FftLineLayout<Kokkos::complex<Real<T>>> {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;
  using Layout = FftLineLayout<Complex>;
  using Layout::chunk, Layout::rows_together, Layout::rows_ahead;
  using Layout::grid, Layout::row, Layout::plane, Layout::line, Layout::together;
  using Layout::Layout;
  using typename Layout::SpectrumBlock;
  static constexpr bool of_real = !is_complex<T>;
  static constexpr int reals = 128 / sizeof(R);  // summed at a time

  /// body(l) for all l < width, where for full chunks the compiler knows how many.
  template <typename Body>
  [[gnu::always_inline]] static void for_width(std::int64_t width, const Body& body) {
    std::int64_t l = 0;
    for (; l + chunk <= width; l += chunk) for_lanes<chunk>([&](int c) { body(l + c); });
    for (; l < width; ++l) body(l);
  }

  /// Copies `width` columns of n entries into lines, or back.
  void gather(const Complex* from, std::int64_t stride, std::int64_t n, std::int64_t width,
              Complex* lines) const {
    for (std::int64_t i = 0; i < n; ++i)
      for_width(width, [&](std::int64_t l) { lines[l * line + i] = from[i * stride + l]; });
  }
  void scatter(const Complex* lines, std::int64_t n, std::int64_t width, Complex* to,
               std::int64_t stride) const {
    for (std::int64_t i = 0; i < n; ++i)
      for_width(width, [&](std::int64_t l) { to[i * stride + l] = lines[l * line + i]; });
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

  /// Transforms plane p of the images, whose entry j is load(j), into the work array. Returns 0, or
  /// NaN if an entry is not finite.
  template <typename Load>
  [[gnu::flatten]] double load_plane(std::int64_t p, Complex* buffer, const Load& load) const {
    R finite[reals] = {};
    Complex* const to = work + p * plane;
    T* const in = reinterpret_cast<T*>(buffer);
    for (std::int64_t i = 0; i < grid.n[1]; ++i) {
      const std::int64_t first = (p * grid.n[1] + i) * grid.n[2];
      for_range<std::int64_t>(0, grid.n[2], [=](std::int64_t j) { in[j] = load(first + j); });
      add_zero_times(reinterpret_cast<const R*>(in), grid.n[2] * (of_real ? 1 : 2), finite);
      load.prefetch(first + grid.n[2], grid.n[2]);
      prefetch(to + i * row, static_cast<std::size_t>(grid.outputs) * sizeof(Complex));
      (*forward[2])(in, to + i * row);
    }
    if (grid.n[1] > 1) columns_of_plane(*forward[1], to, buffer);
    double sum = 0;
    for (const R lane : finite) sum += static_cast<double>(lane);
    return sum;
  }

  /// Adds 0 · v to the sums, which is 0 unless v is not finite.
  static void add_zero_times(const R* v, std::int64_t count, R (&sums)[reals]) {
    std::int64_t j = 0;
    for (; j + reals <= count; j += reals)
      for_lanes<reals>([&](int l) { sums[l] += R(0) * v[j + l]; });
    for (; j < count; ++j) sums[0] += R(0) * v[j];
  }

  /// Transforms plane p of the work array back, and calls store(j, entry j).
  template <typename Store>
  [[gnu::flatten]] void store_plane(std::int64_t p, Complex* buffer, const Store& store) const {
    Complex* const from = work + p * plane;
    T* const out = reinterpret_cast<T*>(buffer);
    if (grid.n[1] > 1) columns_of_plane(*backward[1], from, buffer);
    for (std::int64_t i = 0; i < grid.n[1]; ++i) {
      const std::int64_t first = (p * grid.n[1] + i) * grid.n[2];
      prefetch(from + (i + 1) * row, static_cast<std::size_t>(grid.outputs) * sizeof(Complex));
      store.prefetch(first, grid.n[2]);
      (*backward[2])(from + i * row, out);
      for_range<std::int64_t>(0, grid.n[2], [=](std::int64_t j) { store(first + j, out[j]); });
    }
  }

  /// Ends the transform of a block of the spectrum (if Forward), does `middle` to its entries, and
  /// begins the transform back (if Backward). Returns what `middle` sums.
  template <bool Forward, bool Backward, typename Middle>
  [[gnu::flatten]] PartialSum block(std::int64_t number, Complex* buffer,
                                    const Middle& middle) const {
    const SpectrumBlock at = this->block_number(number);
    Complex* const column = work + at.image * grid.n[0] * plane + at.p1 * row + at.begin;
    Complex* const image = buffer;
    Complex* const spectrum = buffer + together * line;
    const bool lines = grid.n[0] > 1;
    if constexpr (Forward) {
      gather(column, plane, grid.n[0], at.width, lines ? image : spectrum);
      for (std::int64_t l = 0; lines && l < at.width; ++l)
        (*forward[0])(image + l * line, spectrum + l * line);
    }
    const PartialSum tally = entries(at, spectrum, spectrum + together * line, middle);
    if constexpr (Backward) {
      for (std::int64_t l = 0; lines && l < at.width; ++l) {
        if (Forward) prefetch_columns(column + at.width, l, at.width);
        (*backward[0])(spectrum + l * line, image + l * line);
      }
      scatter(lines ? image : spectrum, grid.n[0], at.width, column, plane);
    }
    return tally;
  }

  // Lines are turned into rows, a few at a time, for it is rows that `middle` finds behind one
  // another in its own arrays; and by then what was just written can be read as vectors.
  template <typename Middle>
    requires(!Middle::by_lines)
  PartialSum entries(const SpectrumBlock& at, Complex* spectrum, Complex* rows,
                     const Middle& middle) const {
    double value[chunk] = {}, outside[chunk] = {};
    SpectrumPlace here = this->place(at, 0), ahead = here;
    for (std::int64_t p = 0; p < rows_ahead; ++p, this->next_row(ahead))
      middle.row(ahead).prefetch(at.width);
    for (std::int64_t p0 = 0; p0 < grid.n[0]; p0 += rows_together) {
      const std::int64_t count = std::min(rows_together, grid.n[0] - p0);
      scatter(spectrum + p0, count, at.width, rows, together);
      for (std::int64_t p = 0; p < count; ++p, this->next_row(here), this->next_row(ahead)) {
        middle.row(ahead).prefetch(at.width);
        const auto entry = middle.row(here);
        Complex* const v = rows + p * together;
        each(entry, v, at.width, value, outside);
      }
      gather(rows, together, count, at.width, spectrum + p0);
    }
    return sum(value, outside);
  }

  // Here the arrays of `middle` lie as the lines do.
  template <typename Middle>
    requires(Middle::by_lines)
  PartialSum entries(const SpectrumBlock& at, Complex* spectrum, Complex*,
                     const Middle& middle) const {
    double value[chunk] = {}, outside[chunk] = {};
    for (std::int64_t l = 0; l < at.width; ++l) {
      SpectrumBlock of_line = at;
      of_line.begin += l;
      each(middle.row(this->place(of_line, 0)), spectrum + l * line, grid.n[0], value, outside);
    }
    return sum(value, outside);
  }

  template <typename Entry>
  [[gnu::always_inline]] static void each(const Entry& entry, Complex* v, std::int64_t count,
                                          double (&value)[chunk], double (&outside)[chunk]) {
    std::int64_t l = 0;
    for (; l + chunk <= count; l += chunk)
      for_lanes<chunk>([&](int c) { entry(l + c, v[l + c], value[c], outside[c]); });
    for (std::int64_t c = 0; l + c < count; ++c) entry(l + c, v[l + c], value[c], outside[c]);
  }

  static PartialSum sum(const double (&value)[chunk], const double (&outside)[chunk]) {
    PartialSum tally;
    for (std::int64_t c = 0; c < chunk; ++c) tally += PartialSum{value[c], outside[c]};
    return tally;
  }

  // While a line is transformed, memory is idle: it can bring what comes next, share l of `width`.
  void prefetch_columns(const Complex* first, std::int64_t l, std::int64_t width) const {
    for (std::int64_t p0 = grid.n[0] * l / width; p0 < grid.n[0] * (l + 1) / width; ++p0)
      prefetch(first + p0 * plane, static_cast<std::size_t>(width) * sizeof(Complex));
  }

  const FftwLine<R>* forward[3] = {};
  const FftwLine<R>* backward[3] = {};
  Complex* work = nullptr;
};

}  // namespace misfit::detail
