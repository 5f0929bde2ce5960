// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The first and the last pass of FftLines: between images, and their work array.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/detail/fourier/fft_line_layout.hpp>
#include <misfit/detail/fourier/row_pairs.hpp>
#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Transforms of all dimensions but the first, by one thread and a group of rows at a time.
template <typename T>
struct FftRows : FftLineLayout<Kokkos::complex<Real<T>>> {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;
  using Layout = FftLineLayout<Complex>;
  using Plan = FftwPlan<R>;
  using Layout::chunk;
  using Layout::grid, Layout::padded, Layout::row, Layout::plane, Layout::line, Layout::together;
  using Layout::rows_beside, Layout::beside, Layout::far, Layout::pair, Layout::pairs;
  using typename Layout::RowGroup;
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

  explicit FftRows(const FftGrid& of) : Layout(of, of_real) {}

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

  Plans forward[3], backward[3];
  Complex* work = nullptr;
};

}  // namespace misfit::detail
