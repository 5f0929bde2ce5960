// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the distances of the residual u − y share: in double, whatever the data.

#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Complex.hpp>

#include <type_traits>

namespace misfit::detail {

/// double for real T, complex<double> for complex T.
template <typename T>
using Wide = std::conditional_t<is_complex<T>, Kokkos::complex<double>, double>;

/// u − y.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION Wide<T> residual(const T& u, const T& y) {
  return static_cast<Wide<T>>(u) - static_cast<Wide<T>>(y);
}

/// `part` u − `part` y: for a part of ¼, never beyond a double.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION Wide<T> scaled_residual(double part, const T& u, const T& y) {
  return part * static_cast<Wide<T>>(u) - part * static_cast<Wide<T>>(y);
}

/// Whether gradients of D are cut off at the largest number where they are beyond it.
template <typename D>
inline constexpr bool cuts_gradient = false;
template <typename D>
  requires requires { D::cuts_gradient; }
inline constexpr bool cuts_gradient<D> = D::cuts_gradient;

/// c z; where z is finite, no further than the largest number of T.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T scaled(double c, const T& z) {
  if (zero_or_nan(z) != 0) return static_cast<Real<T>>(c) * z;
  return nearest<T>(c * static_cast<Wide<T>>(z));
}

/// weight |z|², which does not overflow before it has to.
template <typename Z>
KOKKOS_FORCEINLINE_FUNCTION double weighted_square(double weight, const Z& z) {
  if constexpr (is_complex<Z>)
    return (weight * z.real()) * z.real() + (weight * z.imag()) * z.imag();
  else
    return (weight * z) * z;
}

/// The minimiser p of γ weight |p − y|² / 2 + |p − v|² / 2; γ > 0, and γ weight may be beyond a
/// double. Not finite where v or y is not.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T weighted_mean(double gamma, double weight, const T& v, const T& y) {
  const auto point = static_cast<Wide<T>>(v), data = static_cast<Wide<T>>(y);
  const double product = gamma * weight, share = 1.0 / (1.0 + product);
  // From 1e300 on, v / product is what v adds beyond every rounding; by parts, the larger first.
  const auto mean = product < 1e300  ? share * point + (product * share) * data
                    : gamma > weight ? data + (point / gamma) / weight
                                     : data + (point / weight) / gamma;
  return nearest<T>(mean + (zero_or_nan(v) + zero_or_nan(y)));
}

/// v moved towards y by `step`, where `difference` is v − y, and `size` > step its length, both of
/// which may be beyond a double. Not finite where v or y is not.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T moved(double step, const T& v, const T& y, const Wide<T>& difference,
                                    double size) {
  const double not_finite = zero_or_nan(v) + zero_or_nan(y);
  const auto point = static_cast<Wide<T>>(v);
  if constexpr (!is_complex<T>) {
    return nearest<T>(point - (difference > 0 ? step : -step) + not_finite);
  } else if (zero_or_nan(size) == 0) {
    return nearest<T>(point - step * (difference / size) + not_finite);
  } else {
    const auto quarter = 0.25 * point - 0.25 * static_cast<Wide<T>>(y);
    return nearest<T>(point - step * (quarter / abs(quarter)) + not_finite);
  }
}

}  // namespace misfit::detail
