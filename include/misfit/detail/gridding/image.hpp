// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An image on an oversampled grid, to and from its spectrum there: what gridding does beside the
// transform.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// One dimension of an image on its oversampled grid, where coordinate 0 stands at entry 0.
struct GriddedAxis {
  /// The entry of the image at entry g of the grid; less than 0 if there is none.
  KOKKOS_FORCEINLINE_FUNCTION std::int64_t entry(std::int64_t g) const {
    return g < n - n / 2 ? g + n / 2 : g - grid + n / 2;
  }
  std::int64_t n, grid;
};

/// Entries of the oversampled grid: those of the image over the transform of the kernel, else 0;
/// and back.
template <typename T>
struct GriddedImage {
  KOKKOS_FORCEINLINE_FUNCTION std::int64_t place(std::int64_t g) const {
    const std::int64_t j0 = rows.entry(g / columns.grid), j1 = columns.entry(g % columns.grid);
    return j0 < 0 || j1 < 0 ? -1 : j0 * columns.n + j1;
  }
  KOKKOS_FORCEINLINE_FUNCTION Real<T> factor(std::int64_t j) const {
    return factors[j / columns.n] * factors[rows.n + j % columns.n];
  }
  GriddedAxis rows, columns;
  const Real<T>* factors;  // of the rows, then of the columns
};

template <typename T>
struct LoadGridded {
  KOKKOS_FORCEINLINE_FUNCTION T operator()(std::int64_t g) const {
    const std::int64_t j = image.place(g);
    return j < 0 ? T(0) : image.factor(j) * x[j];
  }
  void prefetch(std::int64_t, std::int64_t) const {}
  GriddedImage<T> image;
  const T* x;
};

template <typename T>
struct AddGridded {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t g, const T& v) const {
    const std::int64_t j = image.place(g);
    if (j >= 0) x[j] += image.factor(j) * v;
  }
  void prefetch(std::int64_t, std::int64_t) const {}
  GriddedImage<T> image;
  T* x;
};

/// Spectra as they come, to and from an array.
template <typename T, bool To>
struct GriddedSpectrum {
  static constexpr bool own = false;

  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, T& v, double&, double&) const {
      if constexpr (To)
        grid[l] = v;
      else
        v = grid[l];
    }
    void prefetch(std::int64_t) const {}
    T* grid;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const { return {grid + at.caller}; }
  T* grid;
};

}  // namespace misfit::detail
