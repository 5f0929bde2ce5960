// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Two real rows transformed as the real and the imaginary part of one complex row: FFTW transforms
// short complex rows in vectors, and short real ones in scalars. Where a row has no neighbour it is
// its own.

#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// From the spectrum z of a + ib the n / 2 + 1 first entries of those of a and of b.
template <typename R>
[[gnu::always_inline]] inline void part_spectra(const Kokkos::complex<R>* z, std::int64_t n,
                                                Kokkos::complex<R>* a, Kokkos::complex<R>* b) {
  using Complex = Kokkos::complex<R>;
  a[0] = Complex(z[0].real(), R(0));
  b[0] = Complex(z[0].imag(), R(0));
  constexpr R half = R(0.5);
  for_range<std::int64_t>(1, n / 2 + 1, [=](std::int64_t k) {
    const Complex p = z[k], q = z[n - k];
    a[k] = Complex(half * (p.real() + q.real()), half * (p.imag() - q.imag()));
    b[k] = Complex(half * (p.imag() + q.imag()), half * (q.real() - p.real()));
  });
}

/// The spectrum z of a + ib from the n / 2 + 1 first entries of those of a and of b. What makes a
/// and b real is taken for granted.
template <typename R>
[[gnu::always_inline]] inline void join_spectra(const Kokkos::complex<R>* a,
                                                const Kokkos::complex<R>* b, std::int64_t n,
                                                Kokkos::complex<R>* z) {
  using Complex = Kokkos::complex<R>;
  z[0] = Complex(a[0].real(), b[0].real());
  if (n % 2 == 0) z[n / 2] = Complex(a[n / 2].real(), b[n / 2].real());
  for_range<std::int64_t>(1, (n + 1) / 2, [=](std::int64_t k) {
    const Complex p = a[k], q = b[k];
    z[k] = Complex(p.real() - q.imag(), p.imag() + q.real());
    z[n - k] = Complex(p.real() + q.imag(), q.real() - p.imag());
  });
}

}  // namespace misfit::detail
