// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Discrete Fourier transforms on a CPU, as passes over lines. What an operator does to an entry of
// an image, or of a spectrum, happens while the entry's line is in cache: between x and its
// measurement, and back to the gradient, memory is passed over three times. FFTW transforms lines
// side by side where it is fastest at that, else one by one, with entries one behind the other.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_rows.hpp>
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
struct FftLines : FftRows<T> {
  using Rows = FftRows<T>;
  using Rows::beside, Rows::far, Rows::forward, Rows::backward, Rows::work;
  using Rows::chunk, Rows::rows_together, Rows::rows_ahead;
  using Rows::clear_padding, Rows::gather, Rows::scatter;
  using Rows::FftRows;
  using Rows::grid, Rows::padded, Rows::row, Rows::plane, Rows::line, Rows::together;
  using typename Rows::Complex, typename Rows::SpectrumBlock;

  /// Ends the transform of a block of the spectrum (if Forward), does `middle` to its entries, and
  /// begins the transform back (if Backward). Returns what `middle` sums.
  template <bool Forward, bool Backward, typename Middle>
  [[gnu::flatten]] PartialSum block(std::int64_t number, Complex* buffer,
                                    const Middle& middle) const {
    const SpectrumBlock at = this->block_number(number);
    Complex* const column = work + at.image * grid.n[0] * plane + at.p1 * row + at.begin;
    Complex* const image = buffer;
    Complex* const spectrum = buffer + together * line;
    const std::int64_t width = std::min(together, padded - at.begin);
    if (Forward && beside[0]) {
      if (grid.n[0] > 1) forward[0](column, width);
    } else if (Forward) {
      gather(column, plane, grid.n[0], at.width, image);
      for (std::int64_t l = 0; l < at.width; ++l)
        (*forward[0].plan)(image + l * line, spectrum + l * line);
    }
    const PartialSum tally =
        entries(at, beside[0] ? column : spectrum, spectrum + together * line, middle);
    if (Backward && beside[0]) {
      const bool last = at.begin + at.width == grid.outputs;  // of the row, which has the padding
      for (std::int64_t p = 0; !Forward && last && p < grid.n[0]; ++p)
        clear_padding(work + (at.image * grid.n[0] + p) * plane + at.p1 * row, grid.outputs);
      if (grid.n[0] > 1) backward[0](column, width);
    } else if (Backward) {
      for (std::int64_t l = 0; l < at.width; ++l) {
        if (Forward && far) prefetch_columns(column + at.width, l, at.width);
        (*backward[0].plan)(spectrum + l * line, image + l * line);
      }
      scatter(image, grid.n[0], at.width, column, plane);
    }
    return tally;
  }

  /// Does `middle` to a block of the spectrum, which is in place, or in lines.
  template <typename Middle>
  PartialSum entries(const SpectrumBlock& at, Complex* spectrum, Complex* turned,
                     const Middle& middle) const {
    double value[chunk] = {}, outside[chunk] = {};
    if constexpr (Middle::own) {
      if (beside[0])
        rows_of(at, spectrum, turned, middle, value, outside);
      else
        lines_of(at, spectrum, middle, value, outside);
    } else {
      SpectrumBlock parts[2];
      this->cut(at, parts);
      for (const SpectrumBlock& part : parts)
        if (part.width > 0)
          rows_of(part, spectrum + (part.begin - at.begin), turned, middle, value, outside);
    }
    PartialSum tally;
    for (std::int64_t c = 0; c < chunk; ++c) tally += PartialSum{value[c], outside[c]};
    return tally;
  }

  // Lines are turned into rows, a few at a time, for it is rows that `middle` finds behind one
  // another in its own arrays; and by then what was just written can be read as vectors.
  template <typename Middle>
  void rows_of(const SpectrumBlock& at, Complex* spectrum, Complex* turned, const Middle& middle,
               double (&value)[chunk], double (&outside)[chunk]) const {
    const std::size_t bytes = static_cast<std::size_t>(at.width) * sizeof(Complex);
    SpectrumPlace here = this->place(at, 0), ahead = here;
    for (std::int64_t p = 0; p < rows_ahead; ++p, this->next_row(at, ahead))
      middle.row(ahead).prefetch(at.width);
    for (std::int64_t p0 = 0; p0 < grid.n[0]; p0 += rows_together) {
      const std::int64_t count = std::min(rows_together, grid.n[0] - p0);
      if (!beside[0]) scatter(spectrum + p0, count, at.width, turned, together);
      for (std::int64_t p = 0; p < count; ++p) {
        Complex* const v = beside[0] ? spectrum + (p0 + p) * plane : turned + p * together;
        middle.row(ahead).prefetch(at.width);
        this->next_row(at, ahead);
        if (far && beside[0]) prefetch(v + together, bytes);  // of the next block
        each(middle.row(here), v, at.width, value, outside);
        this->next_row(at, here);
      }
      if (!beside[0]) gather(turned, together, count, at.width, spectrum + p0);
    }
  }

  // The arrays of `middle` lie as the lines do.
  template <typename Middle>
  void lines_of(const SpectrumBlock& at, Complex* spectrum, const Middle& middle,
                double (&value)[chunk], double (&outside)[chunk]) const {
    for (std::int64_t l = 0; l < at.width; ++l) {
      SpectrumBlock of_line = at;
      of_line.begin += l;
      each(middle.line(this->place(of_line, 0)), spectrum + l * line, grid.n[0], value, outside);
    }
  }

  template <typename Entry>
  [[gnu::always_inline]] static void each(const Entry& entry, Complex* v, std::int64_t count,
                                          double (&value)[chunk], double (&outside)[chunk]) {
    std::int64_t l = 0;
    for (; l + chunk <= count; l += chunk)
      for_lanes<chunk>([&](int c) { entry(l + c, v[l + c], value[c], outside[c]); });
    for (std::int64_t c = 0; l + c < count; ++c) entry(l + c, v[l + c], value[c], outside[c]);
  }

  // While a line is transformed, memory is idle: it can bring what comes next, share l of `width`.
  void prefetch_columns(const Complex* first, std::int64_t l, std::int64_t width) const {
    for (std::int64_t p0 = grid.n[0] * l / width; p0 < grid.n[0] * (l + 1) / width; ++p0)
      prefetch(first + p0 * plane, static_cast<std::size_t>(width) * sizeof(Complex));
  }
};

}  // namespace misfit::detail
