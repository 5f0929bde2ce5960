// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Sparse matrices as they come up: stencils, rays, a graph.

#include "families/sparse.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace misfit::bench {

/// The columns of a matrix, row by row.
struct Columns {
  std::size_t n_columns;
  std::vector<int> starts{0}, columns{};

  void end_row() {
    std::sort(columns.begin() + starts.back(), columns.end());
    starts.push_back(static_cast<int>(columns.size()));
  }

  template <typename T>
  SparseRows<T> matrix(std::uint64_t seed) const {
    const auto copy = [](const std::vector<int>& from) {
      const Kokkos::View<int*, SparseDevice> to("columns", from.size());
      const auto host = Kokkos::create_mirror_view(to);
      std::copy(from.begin(), from.end(), host.data());
      Kokkos::deep_copy(to, host);
      return to;
    };
    return {copy(starts), copy(columns), random_numbers<T>(columns.size(), seed), n_columns};
  }
};

/// Each pixel of a cube of n^dimensions and its nearest neighbours: about `entries` in all.
inline Columns laplacian(int dimensions, std::size_t entries) {
  const double pixels = static_cast<double>(entries) / (2 * dimensions + 1);
  const int n = std::max(2, static_cast<int>(std::pow(pixels, 1.0 / dimensions)));
  int size = 1;
  for (int d = 0; d < dimensions; ++d) size *= n;
  Columns a{static_cast<std::size_t>(size)};
  for (int i = 0; i < size; ++i) {
    a.columns.push_back(i);
    for (int stride = 1; stride < size; stride *= n) {
      const int place = i / stride % n;
      if (place > 0) a.columns.push_back(i - stride);
      if (place + 1 < n) a.columns.push_back(i + stride);
    }
    a.end_row();
  }
  return a;
}

/// Parallel rays through an image of 256², or less where `entries` are few: two pixels in each line
/// of the image, or in each of its columns.
inline Columns rays(std::size_t entries) {
  const auto n =
      static_cast<int>(std::clamp(std::cbrt(static_cast<double>(entries) / 2), 8.0, 256.0));
  const auto angles = static_cast<int>(entries / static_cast<std::size_t>(2 * n * n)) + 1;
  Columns a{static_cast<std::size_t>(n * n)};
  for (int angle = 0; angle < angles; ++angle) {
    const double phi = 3.141592653589793 * angle / angles, c = std::cos(phi), s = std::sin(phi);
    const bool steep = std::abs(s) > std::abs(c);
    for (int ray = 0; ray < n; ++ray) {
      for (int t = 0; t < n; ++t) {
        const double along = t - 0.5 * (n - 1), across = ray - 0.5 * (n - 1);
        const double at = (across - along * (steep ? c : s)) / (steep ? s : c) + 0.5 * (n - 1);
        for (int pixel = static_cast<int>(std::floor(at)), p = 0; p < 2; ++p, ++pixel)
          if (pixel >= 0 && pixel < n) a.columns.push_back(steep ? pixel * n + t : t * n + pixel);
      }
      a.end_row();
    }
  }
  return a;
}

/// A graph in which few nodes have most neighbours: about `entries`, 15 a row on average.
inline Columns power_law(std::size_t entries) {
  const std::size_t n = std::max<std::size_t>(64, entries / 15);
  const auto degrees =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, random_numbers<double>(n, 7));
  const auto numbers = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace{}, random_numbers<double>(std::size_t{1} << 20, 8));
  Columns a{n};
  std::size_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double uniform = std::max((degrees(i) + 1) / 2, 1e-6);
    const int degree = static_cast<int>(std::min(4000.0, 5 / std::pow(uniform, 2.0 / 3)));
    for (int k = 0; k < degree; ++k) {
      const double place = std::pow((numbers(next++ % numbers.extent(0)) + 1) / 2, 2.5);
      a.columns.push_back(static_cast<int>(place * static_cast<double>(n - 1)));
    }
    a.end_row();
  }
  return a;
}

struct SparseKind {
  const char* name;
  Columns (*columns)(std::size_t entries);
};

inline constexpr SparseKind sparse_kinds[] = {
    {"laplacian_2d", [](std::size_t entries) { return laplacian(2, entries); }},
    {"laplacian_3d", [](std::size_t entries) { return laplacian(3, entries); }},
    {"rays", rays},
    {"power_law", power_law}};

}  // namespace misfit::bench
