// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace misfit::detail {

/// The modified Bessel function of the first kind and order 0, by its power series: all terms are
/// positive, so nothing cancels.
inline double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

/// The Kaiser–Bessel function φ(u) = I0(β √(1 − (2u/w)²)) / I0(β) for |u| ≤ w/2, and 0 beyond, with
/// which samples between grid points are read off a grid that is twice as fine as it must be. (β
/// after P. J. Beatty, D. G. Nishimura and J. M. Pauly, "Rapid gridding reconstruction with a
/// minimal oversampling ratio", IEEE Trans. Med. Imaging 24 (2005) 799, equation 5.)
class GriddingKernel {
 public:
  /// `width` in points of a grid that is `oversampling` times as fine.
  GriddingKernel(int width, double oversampling)
      : width_(width),
        beta_(M_PI * std::sqrt(std::pow(width / oversampling * (oversampling - 0.5), 2) - 0.8)),
        scale_(1 / bessel_i0(beta_)) {}

  /// φ(u), u in points of the grid.
  double operator()(double u) const {
    const double z = 2 * u / width_;
    return z * z < 1 ? scale_ * bessel_i0(beta_ * std::sqrt(1 - z * z)) : 0;
  }

  /// ∫ φ(u) e^{−2πi u t} du = w sinh(s)/s / I0(β) with s = √(β² − (π w t)²); t within ± β/(π w).
  double transform(double t) const {
    const double s = std::sqrt(beta_ * beta_ - std::pow(M_PI * width_ * t, 2));
    return scale_ * width_ * std::sinh(s) / s;
  }

 private:
  int width_;
  double beta_, scale_;
};

/// The smallest even number from `n` on with no prime factors but 2, 3 and 5: a good length for
/// Fourier transforms.
inline std::int64_t good_fft_length(std::int64_t n) {
  const auto good = [](std::int64_t m) {
    for (const std::int64_t p : {2, 3, 5})
      while (m % p == 0) m /= p;
    return m == 1;
  };
  n += n % 2;
  while (!good(n)) n += 2;
  return n;
}

}  // namespace misfit::detail
