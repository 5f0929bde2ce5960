// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace misfit::detail {

/// The Kaiser–Bessel function φ(u) = I0(β √(1 − (2u/w)²)) / I0(β) for |u| ≤ w/2, and 0 beyond, with
/// which samples between grid points are read off a grid that is twice as fine as it must be. (β
/// after P. J. Beatty, D. G. Nishimura and J. M. Pauly, "Rapid gridding reconstruction with a
/// minimal oversampling ratio", IEEE Trans. Med. Imaging 24 (2005) 799, equation 5.)
class GriddingKernel {
 public:
  /// `width` in points of a grid that is `oversampling` times as fine.
  GriddingKernel(int width, double oversampling);

  /// φ(u), u in points of the grid.
  double operator()(double u) const;

  /// ∫ φ(u) e^{−2πi u t} du = w sinh(s)/s / I0(β) with s = √(β² − (π w t)²); t within ± β/(π w).
  double transform(double t) const;

 private:
  int width_;
  double beta_, scale_;
};

/// The smallest even number from `n` on with no prime factors but 2, 3 and 5: a good length for
/// Fourier transforms.
std::int64_t good_fft_length(std::int64_t n);

}  // namespace misfit::detail
