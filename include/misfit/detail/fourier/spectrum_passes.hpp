// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What FourierBlur does to single entries of spectra, between the transforms.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

// All spectra here are misfit's own, and lie as the last transform leaves them: line by line.

/// v = scale h v, or scale conj(h) v.
template <bool Adjoint, typename C>
struct TimesSpectrum {
  static constexpr bool by_lines = true;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double&, double&) const {
      v = scale * ((Adjoint ? conj(h[l]) : h[l]) * v);
    }
    const C* h;
    Real<C> scale;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {h + at.in_image, scale};
  }
  const C* h;
  Real<C> scale;
};

/// Leaves a spectrum.
template <typename C>
struct PutSpectrum {
  static constexpr bool by_lines = true;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double&, double&) const {
      spectrum[l] = v;
    }
    C* spectrum;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {spectrum + at.by_lines};
  }
  C* spectrum;
};

/// e = h v − ŷ, its share of half_weight |e|², and v = weight conj(h) e. Of real images half the
/// spectrum is not there: its entries are conjugates, and count by those that are.
template <bool WithGradient, bool OfReal, typename C>
struct CompareSpectrum {
  static constexpr bool by_lines = true;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double& value,
                                                double&) const {
      const C e = h[l] * v - data[l];
      value += half_weight * squared_abs(e);
      if constexpr (WithGradient) v = weight * (conj(h[l]) * e);
    }
    const C* h;
    const C* data;
    double half_weight;
    Real<C> weight;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    const bool alone = !OfReal || at.k2 == 0 || 2 * at.k2 == n2;
    return {h + at.in_image, data + at.by_lines, alone ? half_weight : 2 * half_weight, weight};
  }
  const C* h;
  const C* data;
  std::int64_t n2;
  double half_weight;
  Real<C> weight;
};

}  // namespace misfit::detail
