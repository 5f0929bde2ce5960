// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/gridding/kernel.hpp>

#include <cmath>
#include <initializer_list>

namespace misfit::detail {
namespace {

/// The modified Bessel function of the first kind and order 0, by its power series: all terms are
/// positive, so nothing cancels.
double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

}  // namespace

GriddingKernel::GriddingKernel(int width, double oversampling)
    : width_(width),
      beta_(M_PI * std::sqrt(std::pow(width / oversampling * (oversampling - 0.5), 2) - 0.8)),
      scale_(1 / bessel_i0(beta_)) {}

double GriddingKernel::operator()(double u) const {
  const double z = 2 * u / width_;
  return z * z < 1 ? scale_ * bessel_i0(beta_ * std::sqrt(1 - z * z)) : 0;
}

double GriddingKernel::transform(double t) const {
  const double s = std::sqrt(beta_ * beta_ - std::pow(M_PI * width_ * t, 2));
  return scale_ * width_ * std::sinh(s) / s;
}

std::int64_t good_fft_length(std::int64_t n) {
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
