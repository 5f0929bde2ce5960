// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Complex.hpp>

#include <limits>
#include <type_traits>

namespace misfit::detail {

template <typename T>
struct RealOf {
  using type = T;
};
template <typename T>
struct RealOf<Kokkos::complex<T>> {
  using type = T;
};

/// float for float and complex<float>, double for double and complex<double>.
template <typename T>
using Real = typename RealOf<std::remove_const_t<T>>::type;

template <typename T>
inline constexpr bool is_complex = !std::is_same_v<Real<T>, std::remove_const_t<T>>;

/// re + i im, or re alone where T is real.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T make_scalar(double re, [[maybe_unused]] double im) {
  if constexpr (is_complex<T>)
    return T(static_cast<Real<T>>(re), static_cast<Real<T>>(im));
  else
    return static_cast<T>(re);
}

template <typename T>
KOKKOS_FORCEINLINE_FUNCTION T conj(const T& z) {
  if constexpr (is_complex<T>)
    return T(z.real(), -z.imag());
  else
    return z;
}

/// Re z, in double.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION double real_part(const T& z) {
  if constexpr (is_complex<T>)
    return static_cast<double>(z.real());
  else
    return static_cast<double>(z);
}

/// |z|², in double.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION double squared_abs(const T& z) {
  if constexpr (is_complex<T>) {
    const double re = z.real(), im = z.imag();
    return re * re + im * im;
  } else {
    const double re = z;
    return re * re;
  }
}

/// |z|, in double.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION double abs(const T& z) {
  if constexpr (is_complex<T>)
    return math::hypot(static_cast<double>(z.real()), static_cast<double>(z.imag()));
  else
    return math::fabs(static_cast<double>(z));
}

/// Half the distance from 1 to the next number: the error of one rounding, relative.
template <typename T>
inline constexpr double unit_roundoff = 0.5 * std::numeric_limits<Real<T>>::epsilon();

/// The number of T next to `z`, a double or complex<double>: the largest one, not infinity, where
/// that is too small. NaN for NaN.
template <typename T, typename Z>
KOKKOS_FUNCTION T nearest(const Z& z) {
  if constexpr (is_complex<T>) {
    return T(nearest<Real<T>>(z.real()), nearest<Real<T>>(z.imag()));
  } else {
    constexpr double most = std::numeric_limits<T>::max();
    return static_cast<T>(z > most ? most : (z < -most ? -most : z));
  }
}

/// A product of positive numbers that has left their range: the largest or the least of them.
KOKKOS_INLINE_FUNCTION double nearest_positive(double product) {
  constexpr double least = std::numeric_limits<double>::denorm_min();
  constexpr double most = std::numeric_limits<double>::max();
  return product < least ? least : product > most ? most : product;
}

/// 0 · z: zero where z is finite, NaN where it is not.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION double zero_or_nan(const T& z) {
  if constexpr (is_complex<T>)
    return 0.0 * static_cast<double>(z.real()) + 0.0 * static_cast<double>(z.imag());
  else
    return 0.0 * static_cast<double>(z);
}

}  // namespace misfit::detail
