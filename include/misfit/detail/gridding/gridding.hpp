// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
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
/// adjoint: sample s is Σ_i Σ_j a_i b_j grid(row + i, column + j) over Width rows and columns.
///
/// Samples are kept in the order of their first rows. So the samples that a row of the grid takes
/// part in are Width runs of them, and the adjoint goes row by row: no two threads add to the
/// same point, and the order of additions is always the same.
template <typename T, typename Space, int Width>
class Gridding {
  using R = Real<T>;
  // Real numbers in one of U, and in the points of a row that a sample takes.
  template <typename U>
  static constexpr int parts = is_complex<U> ? 2 : 1;
  template <typename U>
  static constexpr int numbers = Width * parts<U>;

 public:
  /// `samples` are places on the grid [points], each any real number; first those along a column,
  /// then along a row. Blocks.
  Gridding(std::int64_t rows, std::int64_t columns,
           const std::vector<std::pair<double, double>>& samples, const GriddingKernel& kernel)
      : rows_(rows), columns_(columns) {
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
    weights.reserve(2 * static_cast<std::size_t>(Width) * samples.size());
    for (const std::int64_t s : order) {
      ++starts[static_cast<std::size_t>(first(s).first) + 1];
      corners.push_back(first(s).second);
      const auto& [row, column] = samples[static_cast<std::size_t>(s)];
      for (const double place : {row, column})
        for (int i = 0; i < Width; ++i)
          weights.push_back(
              static_cast<R>(kernel(static_cast<double>(first_point(place) + i) - place)));
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    samples_ = {in_space<Space>(order, "misfit::Gridding::order"),
                in_space<Space>(starts, "misfit::Gridding::starts"),
                in_space<Space>(corners, "misfit::Gridding::columns"),
                in_space<Space>(weights, "misfit::Gridding::weights")};
  }

  std::size_t samples() const { return samples_.order.extent(0); }

  /// y_s = scale Σ …; of real numbers, too. Asynchronous on `exec`.
  template <typename Exec, typename U>
  void gather(const Exec& exec, const U* grid, Real<U> scale, U* y) const {
    const Samples samples = samples_;
    const std::int64_t rows = rows_, columns = columns_;
    for_indices(
        exec, "misfit::Gridding::gather", static_cast<std::size_t>(rows),
        KOKKOS_LAMBDA(const std::int64_t row) {
          for (std::int64_t k = samples.starts(row); k < samples.starts(row + 1); ++k) {
            Real<U> sums[numbers<U>] = {};
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#pragma GCC unroll 16  // the sums stay in registers
#endif
            for (int i = 0; i < Width; ++i)
              add_row<U>(grid + (row + i < rows ? row + i : row + i - rows) * columns, columns,
                         samples.first_columns(k), samples.along_column(k)[i], sums);
            y[samples.order(k)] = scale * along_row<U>(samples.along_row(k), sums);
          }
        });
  }

  /// Sets grid to the adjoint: point (r, c) is scale Σ_s a b y_s. Asynchronous on `exec`.
  template <typename Exec, typename U>
  void spread(const Exec& exec, const U* y, Real<U> scale, U* grid) const {
    const Samples samples = samples_;
    const std::int64_t rows = rows_, columns = columns_;
    for_indices(
        exec, "misfit::Gridding::spread", static_cast<std::size_t>(rows),
        KOKKOS_LAMBDA(const std::int64_t row) {
          U* const points = grid + row * columns;
          for (std::int64_t column = 0; column < columns; ++column) points[column] = U(0);
          for (int i = 0; i < Width; ++i) {
            const std::int64_t first = row - i < 0 ? row - i + rows : row - i;
            for (std::int64_t k = samples.starts(first); k < samples.starts(first + 1); ++k)
              add_value<U>((scale * samples.along_column(k)[i]) * y[samples.order(k)],
                           samples.along_row(k), samples.first_columns(k), columns, points);
          }
        });
  }

 private:
  // Samples in the order of their first rows.
  struct Samples {
    Kokkos::View<const std::int64_t*, Space> order, starts, first_columns;
    Kokkos::View<const R*, Space> weights;  // of each sample those of its rows, then its columns

    KOKKOS_FORCEINLINE_FUNCTION const R* along_column(std::int64_t k) const {
      return weights.data() + 2 * Width * k;
    }
    KOKKOS_FORCEINLINE_FUNCTION const R* along_row(std::int64_t k) const {
      return along_column(k) + Width;
    }
  };

  template <int Count, typename Use>
  KOKKOS_FORCEINLINE_FUNCTION static void for_numbers(const Use& use) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#pragma GCC unroll 32
#endif
    for (int l = 0; l < Count; ++l) use(l);
  }

  // sums += weight · the points from `column` on of one row of the grid.
  template <typename U>
  KOKKOS_FORCEINLINE_FUNCTION static void add_row(const U* row, std::int64_t columns,
                                                  std::int64_t column, R weight,
                                                  Real<U> (&sums)[numbers<U>]) {
    if (column + Width <= columns) {
      const auto* const points = reinterpret_cast<const Real<U>*>(row + column);
      for_numbers<numbers<U>>([&](int l) { sums[l] += weight * points[l]; });
    } else {
      for (int j = 0; j < Width; ++j) {
        const auto* const point = reinterpret_cast<const Real<U>*>(row + (column + j) % columns);
        for (int part = 0; part < parts<U>; ++part)
          sums[parts<U> * j + part] += weight * point[part];
      }
    }
  }
  template <typename U>
  KOKKOS_INLINE_FUNCTION static U along_row(const R* weights, const Real<U> (&sums)[numbers<U>]) {
    Real<U> total[parts<U>] = {};
    for (int j = 0; j < Width; ++j)
      for (int part = 0; part < parts<U>; ++part)
        total[part] += weights[j] * sums[parts<U> * j + part];
    if constexpr (is_complex<U>)
      return U(total[0], total[1]);
    else
      return total[0];
  }
  // points += weights · value, from `column` on.
  template <typename U>
  KOKKOS_FORCEINLINE_FUNCTION static void add_value(const U& value, const R* weights,
                                                    std::int64_t column, std::int64_t columns,
                                                    U* points) {
    if (column + Width > columns) {
      for (int j = 0; j < Width; ++j) points[(column + j) % columns] += weights[j] * value;
      return;
    }
    Real<U> terms[numbers<U>];
    const auto* const of_value = reinterpret_cast<const Real<U>*>(&value);
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
#pragma GCC unroll 16
#endif
    for (int j = 0; j < Width; ++j)
      for (int part = 0; part < parts<U>; ++part)
        terms[parts<U> * j + part] = weights[j] * of_value[part];
    auto* const sums = reinterpret_cast<Real<U>*>(points + column);
    for_numbers<numbers<U>>([&](int l) { sums[l] += terms[l]; });
  }

  /// The first of Width points around `place`.
  std::int64_t first_point(double place) const {
    return static_cast<std::int64_t>(std::floor(place - Width / 2.0)) + 1;
  }
  static std::int64_t wrapped(std::int64_t index, std::int64_t extent) {
    return (index % extent + extent) % extent;
  }

  std::int64_t rows_, columns_;
  Samples samples_;
};

}  // namespace misfit::detail
