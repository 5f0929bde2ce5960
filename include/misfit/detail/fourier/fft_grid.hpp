// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/fourier_planning.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Where entries of a spectrum stand that lie one behind the other, from the first of them on.
struct SpectrumPlace {
  std::int64_t k0, k1, k2;    ///< its indices in the caller's spectrum
  std::int64_t caller;        ///< its place there
  std::int64_t own;           ///< its place in misfit's own spectra, which lie as transforms go
  std::int64_t own_in_image;  ///< the same in the first image
};

/// Images of which the last dimensions are transformed, and their spectra.
///
/// An image has n[0] x n[1] x n[2] entries; of two dimensions n[1] is 1, of one n[0] too. `batch`
/// of them lie one behind the other. A spectrum has n[0] x n[1] x outputs entries: `outputs` is
/// n[2], or of a real image n[2] / 2 + 1, the rest being conjugates. Frequency 0 is entry `origin`
/// of a spectrum, as the caller's arrays see it.
struct FftGrid {
  FftGrid(const Shape& shape, std::size_t transformed, bool real) {
    const std::size_t channels = shape.rank() - transformed;
    for (std::size_t d = 0; d < shape.rank(); ++d) {
      const auto extent = static_cast<std::int64_t>(shape[d]);
      if (d < channels)
        batch *= extent;
      else
        n[dimension(transformed, d - channels)] = extent;
    }
    outputs = real ? n[2] / 2 + 1 : n[2];
  }

  /// All that a grid is, as ranks tell it to each other.
  using Numbers = std::array<std::int64_t, 9>;
  Numbers numbers() const {
    return {batch,     n[0],      n[1],
            n[2],      outputs,   origin[0],
            origin[1], origin[2], static_cast<std::int64_t>(planning)};
  }
  explicit FftGrid(const Numbers& of)
      : batch(of[0]),
        n{of[1], of[2], of[3]},
        outputs(of[4]),
        origin{of[5], of[6], of[7]},
        planning(static_cast<FourierPlanning>(of[8])) {}

  /// Where dimension d of `rank` stands in n.
  static std::size_t dimension(std::size_t rank, std::size_t d) {
    return rank == 2 ? 2 * d : 3 - rank + d;
  }

  KOKKOS_FUNCTION std::int64_t image_size() const { return n[0] * n[1] * n[2]; }
  KOKKOS_FUNCTION std::int64_t spectrum_size() const { return n[0] * n[1] * outputs; }

  /// Where frequency number p of dimension d stands in the caller's spectrum.
  KOKKOS_FUNCTION std::int64_t place(int d, std::int64_t p) const {
    const std::int64_t extent = d == 2 ? outputs : n[d];
    return p + origin[d] < extent ? p + origin[d] : p + origin[d] - extent;
  }

  friend auto operator<=>(const FftGrid&, const FftGrid&) = default;

  std::int64_t batch = 1;
  std::int64_t n[3] = {1, 1, 1};
  std::int64_t outputs = 1;
  std::int64_t origin[3] = {0, 0, 0};
  FourierPlanning planning = fourier_planning();  // that in force when the grid was made
};

}  // namespace misfit::detail
