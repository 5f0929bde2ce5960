// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Discrete Fourier transforms on a CPU, as passes over lines. What an operator does to an entry of
// an image, or of a spectrum, happens while the entry's line is in cache: between x and its
// measurement, and back to the gradient, memory is passed over three times. FFTW transforms lines
// side by side where it is fastest at that, else one by one, with entries one behind the other.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_spectrum.hpp>
#include <misfit/detail/fourier/several_terms.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// The passes of a transform of images of `T`, by one thread and a few lines at a time. Copied into
/// kernels; the plans and the memory are the owner's.
template <typename T>
struct FftLines : FftSpectrum<T> {
  using Spectrum = FftSpectrum<T>;
  using Spectrum::beside, Spectrum::far, Spectrum::forward, Spectrum::backward, Spectrum::work;
  using Spectrum::clear_padding, Spectrum::gather, Spectrum::scatter;
  using Spectrum::FftSpectrum;
  using Spectrum::grid, Spectrum::padded, Spectrum::row, Spectrum::plane, Spectrum::line,
      Spectrum::together;
  using typename Spectrum::Complex, typename Spectrum::SpectrumBlock;

  /// Ends the transform of a block of the spectrum (if Forward), does `middle` to its entries, and
  /// begins the transform back (if Backward). Returns what `middle` sums.
  template <bool Forward, bool Backward, typename Middle>
  [[gnu::flatten]] PartialSum block(std::int64_t number, Complex* buffer,
                                    const Middle& middle) const {
    const SpectrumBlock at = this->block_number(number);
    Complex* const column = work + at.image * grid.n[0] * plane + at.p1 * row + at.begin;
    Complex* image = buffer;
    Complex* spectrum = buffer + together * line;
    const std::int64_t width = std::min(together, padded - at.begin);
    if (Forward && beside[0]) {
      if (grid.n[0] > 1) forward[0](column, width);
    } else if (Forward) {
      gather(column, plane, grid.n[0], at.width, image);
      for (std::int64_t l = 0; l < at.width; ++l)
        (*forward[0].plan)(image + l * line, spectrum + l * line);
    }
    PartialSum tally;
    if constexpr (is_several<Middle>)
      tally = this->terms(at, column, image, spectrum, middle);
    else
      tally =
          this->entries(at, beside[0] ? column : spectrum, buffer + 2 * together * line, middle);
    const bool last = at.begin + at.width == grid.outputs;  // of the row, which has the padding
    for (std::int64_t p = 0; Backward && !Forward && last && p < grid.n[0]; ++p)
      clear_padding(work + (at.image * grid.n[0] + p) * plane + at.p1 * row, grid.outputs);
    if (Backward && beside[0]) {
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

  // While a line is transformed, memory is idle: it can bring what comes next, share l of `width`.
  void prefetch_columns(const Complex* first, std::int64_t l, std::int64_t width) const {
    for (std::int64_t p0 = grid.n[0] * l / width; p0 < grid.n[0] * (l + 1) / width; ++p0)
      prefetch(first + p0 * plane, static_cast<std::size_t>(width) * sizeof(Complex));
  }
};

}  // namespace misfit::detail
