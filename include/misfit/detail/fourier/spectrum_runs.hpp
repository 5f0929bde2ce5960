// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Where the entries of spectra stand, by their number.

#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_line_layout.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Entries that lie one behind the other, in a row, or in a line of the first dimension.
struct SpectrumRun {
  SpectrumPlace at;  ///< the first
  std::int64_t count;
};

/// From entry j of spectra in the order of the caller's on: what is left of its row. Places in
/// misfit's own are not set.
KOKKOS_INLINE_FUNCTION SpectrumRun caller_run(const FftGrid& grid, std::int64_t j) {
  const std::int64_t row = j / grid.outputs, k2 = j % grid.outputs;
  return {{row / grid.n[1] % grid.n[0], row % grid.n[1], k2, j, 0, 0}, grid.outputs - k2};
}

/// From entry j of misfit's own spectra on: what is left of its row in a block, or of its line (see
/// FftLineLayout::place()). For grids with frequency 0 in the corner alone, as FourierBlur's are.
/// The place in the caller's order is not set.
template <typename Complex>
SpectrumRun own_run(const FftLineLayout<Complex>& layout, std::int64_t j) {
  const FftGrid& grid = layout.grid;
  const std::int64_t in_image = j % grid.spectrum_size();
  const std::int64_t of_row = grid.outputs * grid.n[0], of_block = layout.together * grid.n[0];
  const std::int64_t k1 = in_image / of_row, in_row = in_image % of_row;
  const std::int64_t begin = in_row / of_block * layout.together, in_block = in_row % of_block;
  const std::int64_t width = std::min(layout.together, grid.outputs - begin);
  const bool beside = layout.beside[0];
  const std::int64_t k0 = beside ? in_block / width : in_block % grid.n[0];
  const std::int64_t l = beside ? in_block % width : in_block / grid.n[0];
  return {{k0, k1, begin + l, 0, j, in_image}, beside ? width - l : grid.n[0] - k0};
}

}  // namespace misfit::detail
