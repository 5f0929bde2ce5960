// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/gridding/kernel.hpp>
#include <misfit/detail/views/upload.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace misfit::detail {

/// Interpolation from a periodic grid of rows x columns points to samples between them, and its
/// adjoint: sample s is Σ_i Σ_j a_i b_j grid(row + i, column + j) over `width` rows and columns.
///
/// Samples are kept in the order of their first rows. So the samples that a row of the grid takes
/// part in are `width` runs of them, and the adjoint goes row by row: no two threads add to the
/// same point, and the order of additions is always the same.
template <typename T, typename Space>
class Gridding {
  using R = Real<T>;

 public:
  /// `samples` are places on the grid [points], each any real number; first those along a column,
  /// then along a row. Blocks.
  Gridding(std::int64_t rows, std::int64_t columns, int width,
           const std::vector<std::pair<double, double>>& samples, const GriddingKernel& kernel)
      : rows_(rows), columns_(columns), width_(width) {
    const auto w = static_cast<std::size_t>(width);
    std::vector<std::pair<std::int64_t, std::int64_t>> firsts;
    for (const auto& [row, column] : samples)
      firsts.emplace_back(wrapped(first_point(row), rows), wrapped(first_point(column), columns));
    std::vector<std::int64_t> order(samples.size());
    std::iota(order.begin(), order.end(), 0);
    const auto first = [&](std::int64_t s) { return firsts[static_cast<std::size_t>(s)]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t s, std::int64_t t) { return first(s) < first(t); });

    std::vector<std::int64_t> starts(static_cast<std::size_t>(rows) + 1), corners;
    std::vector<R> weights;
    weights.reserve(2 * w * samples.size());
    for (const std::int64_t s : order) {
      ++starts[static_cast<std::size_t>(first(s).first) + 1];
      corners.push_back(first(s).second);
      const auto& [row, column] = samples[static_cast<std::size_t>(s)];
      for (const double place : {row, column})
        for (int i = 0; i < width; ++i)
          weights.push_back(
              static_cast<R>(kernel(static_cast<double>(first_point(place) + i) - place)));
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    order_ = in_space<Space>(order, "misfit::Gridding::order");
    starts_ = in_space<Space>(starts, "misfit::Gridding::starts");
    columns_of_ = in_space<Space>(corners, "misfit::Gridding::columns");
    weights_ = in_space<Space>(weights, "misfit::Gridding::weights");
  }

  std::size_t samples() const { return order_.extent(0); }

  /// y_s = scale Σ …. Asynchronous on `exec`.
  template <typename Exec, typename U>
  void gather(const Exec& exec, const U* grid, Real<U> scale, U* y) const {
    const auto rows = rows_, columns = columns_;
    const int width = width_;
    const auto order = order_, starts = starts_, firsts = columns_of_;
    const auto weights = weights_;
    Kokkos::parallel_for(
        "misfit::Gridding::gather", range(exec, static_cast<std::size_t>(rows)),
        KOKKOS_LAMBDA(const std::int64_t row) {
          for (std::int64_t k = starts(row); k < starts(row + 1); ++k) {
            const R* const along_column = weights.data() + 2 * width * k;
            const R* const along_row = along_column + width;
            U sum(0);
            for (int i = 0; i < width; ++i) {
              const U* const points = grid + (row + i < rows ? row + i : row + i - rows) * columns;
              U part(0);
              std::int64_t column = firsts(k);
              for (int j = 0; j < width; ++j) {
                part += along_row[j] * points[column];
                if (++column == columns) column = 0;
              }
              sum += along_column[i] * part;
            }
            y[order(k)] = scale * sum;
          }
        });
  }

  /// Sets grid to the adjoint: point (r, c) is scale Σ_s a b y_s. Asynchronous on `exec`.
  template <typename Exec, typename U>
  void spread(const Exec& exec, const U* y, Real<U> scale, U* grid) const {
    const auto rows = rows_, columns = columns_;
    const int width = width_;
    const auto order = order_, starts = starts_, firsts = columns_of_;
    const auto weights = weights_;
    Kokkos::parallel_for(
        "misfit::Gridding::spread", range(exec, static_cast<std::size_t>(rows)),
        KOKKOS_LAMBDA(const std::int64_t row) {
          U* const points = grid + row * columns;
          for (std::int64_t column = 0; column < columns; ++column) points[column] = U(0);
          for (int i = 0; i < width; ++i) {
            const std::int64_t first = row - i < 0 ? row - i + rows : row - i;
            for (std::int64_t k = starts(first); k < starts(first + 1); ++k) {
              const R* const along_column = weights.data() + 2 * width * k;
              const R* const along_row = along_column + width;
              const U value = (scale * along_column[i]) * y[order(k)];
              std::int64_t column = firsts(k);
              for (int j = 0; j < width; ++j) {
                points[column] += along_row[j] * value;
                if (++column == columns) column = 0;
              }
            }
          }
        });
  }

 private:
  /// The first of `width_` points around `place`.
  std::int64_t first_point(double place) const {
    return static_cast<std::int64_t>(std::floor(place - width_ / 2.0)) + 1;
  }
  static std::int64_t wrapped(std::int64_t index, std::int64_t extent) {
    return (index % extent + extent) % extent;
  }

  std::int64_t rows_, columns_;
  int width_;
  Kokkos::View<const std::int64_t*, Space> order_, starts_, columns_of_;
  Kokkos::View<const R*, Space> weights_;  // of each sample those of its rows, then its columns
};

}  // namespace misfit::detail
