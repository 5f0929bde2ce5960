// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Discrete Fourier transforms on a CPU, as passes over lines. What an operator does to an entry of
// an image, or of a spectrum, happens while the entry's line is in cache: between x and its
// measurement, and back to the gradient, memory is passed over three times. FFTW transforms lines
// side by side where it is fastest at that, else one by one, with entries one behind the other.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/detail/fourier/fft_line_layout.hpp>
#include <misfit/detail/fourier/row_pairs.hpp>
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
  using Plan = FftwPlan<R>;
  using Layout::chunk, Layout::rows_together, Layout::rows_ahead, Layout::aligned_entries;
  using Layout::grid, Layout::padded, Layout::row, Layout::plane, Layout::line, Layout::together;
  using Layout::rows_beside, Layout::beside, Layout::far, Layout::pair, Layout::pairs;
  using typename Layout::SpectrumBlock, typename Layout::RowGroup;
  static constexpr bool of_real = !is_complex<T>;
  static constexpr int reals = 128 / sizeof(R);  // summed at a time

  /// Of one dimension and direction: for one line, or for `most` side by side and for what is left.
  struct Plans {
    void operator()(Complex* lines, std::int64_t count) const {
      (*(count == most ? plan : rest))(lines, lines);
    }
    const Plan* plan = nullptr;
    const Plan* rest = nullptr;
    std::int64_t most = 1;
  };

  explicit FftLines(const FftGrid& of) : Layout(of, of_real) {}

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
  void columns_of_plane(const Plans& plans, Complex* first, Complex* buffer) const {
    Complex* const other = buffer + together * line;
    const std::int64_t end = beside[1] ? padded : grid.outputs;
    for (std::int64_t l = 0; l < end; l += together) {
      const std::int64_t width = std::min(together, end - l);
      if (beside[1]) {
        plans(first + l, width);
        continue;
      }
      gather(first + l, row, grid.n[1], width, buffer);
      for (std::int64_t k = 0; k < width; ++k) (*plans.plan)(buffer + k * line, other + k * line);
      scatter(other, grid.n[1], width, first + l, row);
    }
  }

  /// Transforms group `number` of the rows of the images, whose entry j is load(j), into the work
  /// array. Returns 0, or NaN if an entry is not finite.
  template <typename Load>
  [[gnu::flatten]] double load_group(std::int64_t number, Complex* buffer, const Load& load) const {
    R finite[reals] = {};
    const RowGroup group = this->group_number(number);
    Complex* const rows = work + group.begin;
    if constexpr (of_real)
      pairs ? load_pairs(group, buffer, load, finite) : load_rows(group, buffer, load, finite);
    else
      load_rows(group, buffer, load, finite);
    if (grid.n[1] > 1) columns_of_plane(forward[1], rows, buffer);
    double sum = 0;
    for (const R lane : finite) sum += static_cast<double>(lane);
    return sum;
  }

  template <typename Load>
  void load_rows(const RowGroup& group, Complex* buffer, const Load& load,
                 R (&finite)[reals]) const {
    for (std::int64_t i = 0; i < group.count; ++i) {
      const std::int64_t first = (group.first + i) * grid.n[2];
      Complex* const to = work + group.begin + i * group.stride;
      T* const in = reinterpret_cast<T*>(beside[2] ? to : buffer);
      for_range<std::int64_t>(0, grid.n[2], [=](std::int64_t j) { in[j] = load(first + j); });
      add_zero_times(reinterpret_cast<const R*>(in), grid.n[2] * (of_real ? 1 : 2), finite);
      load.prefetch(first + grid.n[2], grid.n[2]);
      const std::int64_t filled = i % rows_beside + 1;
      if (!beside[2]) {
        if (far) prefetch(to, static_cast<std::size_t>(grid.outputs) * sizeof(Complex));
        (*forward[2].plan)(in, to);
      } else if (grid.n[2] > 1 && (filled == rows_beside || i + 1 == group.count)) {
        forward[2](to - (filled - 1) * group.stride, filled);
      }
      clear_padding(to, grid.outputs);
    }
  }

  template <typename Load>
  void load_pairs(const RowGroup& group, Complex* lines, const Load& load,
                  R (&finite)[reals]) const {
    const std::int64_t n = grid.n[2];
    for (std::int64_t i0 = 0; i0 < group.count; i0 += rows_beside) {
      const std::int64_t count = std::min(rows_beside, group.count - i0);
      for (std::int64_t i = 0; i < count; i += 2) {
        const std::int64_t first = (group.first + i0 + i) * n;
        const std::int64_t second = i + 1 < count ? n : 0;
        Complex* const z = lines + i / 2 * pair;
        for_range<std::int64_t>(0, n, [=](std::int64_t j) {
          z[j] = Complex(load(first + j), load(first + second + j));
        });
        add_zero_times(reinterpret_cast<const R*>(z), 2 * n, finite);
        load.prefetch(first + 2 * n, 2 * n);
      }
      forward[2](lines, (count + 1) / 2);
      for (std::int64_t i = 0; i < count; i += 2) {
        Complex* const to = work + group.begin + (i0 + i) * group.stride;
        Complex* const behind = i + 1 < count ? to + group.stride : lines + rows_beside / 2 * pair;
        part_spectra(lines + i / 2 * pair, n, to, behind);
        clear_padding(to, grid.outputs);
        if (i + 1 < count) clear_padding(behind, grid.outputs);
      }
    }
  }

  /// Lines side by side are transformed in whole vectors, also of what lies behind a row.
  void clear_padding(Complex* of_row, std::int64_t begin) const {
    for (std::int64_t l = begin; l < padded; ++l) of_row[l] = Complex(0);
  }

  /// Adds 0 · v to the sums, which is 0 unless v is not finite.
  static void add_zero_times(const R* v, std::int64_t count, R (&sums)[reals]) {
    std::int64_t j = 0;
    for (; j + reals <= count; j += reals)
      for_lanes<reals>([&](int l) { sums[l] += R(0) * v[j + l]; });
    for (; j < count; ++j) sums[0] += R(0) * v[j];
  }

  /// Transforms group `number` of the rows of the work array back, and calls store(j, entry j).
  template <typename Store>
  [[gnu::flatten]] void store_group(std::int64_t number, Complex* buffer,
                                    const Store& store) const {
    const RowGroup group = this->group_number(number);
    Complex* const rows = work + group.begin;
    if (grid.n[1] > 1) columns_of_plane(backward[1], rows, buffer);
    if constexpr (of_real)
      pairs ? store_pairs(group, buffer, store) : store_rows(group, buffer, store);
    else
      store_rows(group, buffer, store);
  }

  template <typename Store>
  void store_rows(const RowGroup& group, Complex* buffer, const Store& store) const {
    for (std::int64_t i = 0; i < group.count; ++i) {
      const std::int64_t first = (group.first + i) * grid.n[2];
      Complex* const from = work + group.begin + i * group.stride;
      store.prefetch(first, grid.n[2]);
      if (!beside[2]) {
        if (far) prefetch(from + group.stride, static_cast<std::size_t>(padded) * sizeof(Complex));
        (*backward[2].plan)(from, reinterpret_cast<T*>(buffer));
      } else if (grid.n[2] > 1 && i % rows_beside == 0) {
        backward[2](from, std::min(rows_beside, group.count - i));
      }
      const T* const out = reinterpret_cast<const T*>(beside[2] ? from : buffer);
      for_range<std::int64_t>(0, grid.n[2], [=](std::int64_t j) { store(first + j, out[j]); });
    }
  }

  template <typename Store>
  void store_pairs(const RowGroup& group, Complex* lines, const Store& store) const {
    const std::int64_t n = grid.n[2];
    for (std::int64_t i0 = 0; i0 < group.count; i0 += rows_beside) {
      const std::int64_t count = std::min(rows_beside, group.count - i0);
      for (std::int64_t i = 0; i < count; i += 2) {
        const Complex* const from = work + group.begin + (i0 + i) * group.stride;
        join_spectra(from, from + (i + 1 < count ? group.stride : 0), n, lines + i / 2 * pair);
      }
      backward[2](lines, (count + 1) / 2);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t first = (group.first + i0 + i) * n;
        const R* const v = reinterpret_cast<const R*>(lines + i / 2 * pair) + i % 2;
        store.prefetch(first, n);
        for_range<std::int64_t>(0, n, [=](std::int64_t j) { store(first + j, v[2 * j]); });
      }
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
      for (std::int64_t p = 0; !Forward && p < grid.n[0]; ++p)
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

  Plans forward[3], backward[3];
  Complex* work = nullptr;
};

}  // namespace misfit::detail
