// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What FourierBlur, and a sum of spectra, do to single entries of these between the transforms.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

// misfit's own spectra lie as transforms go: for a pass over rows as for one over lines one entry
// is behind the other.

/// v = scale h v, or scale conj(h) v.
template <bool Adjoint, typename C>
struct TimesSpectrum {
  static constexpr bool own = true;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double&, double&) const {
      v = scale * ((Adjoint ? conj(h[l]) : h[l]) * v);
    }
    void prefetch(std::int64_t) const {}
    const C* h;
    Real<C> scale;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {h + at.own_in_image, scale};
  }
  Row line(const SpectrumPlace& at) const { return row(at); }
  const C* h;
  Real<C> scale;
};

/// Leaves a spectrum: misfit's own, or unless Own one in the order of the caller's.
template <typename C, bool Own = true>
struct PutSpectrum {
  static constexpr bool own = Own;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double&, double&) const {
      spectrum[l] = v;
    }
    void prefetch(std::int64_t) const {}
    C* spectrum;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {spectrum + (Own ? at.own : at.caller)};
  }
  Row line(const SpectrumPlace& at) const { return row(at); }
  C* spectrum;
};

/// Takes one.
template <typename C, bool Own>
struct GetSpectrum {
  static constexpr bool own = Own;
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double&, double&) const {
      v = spectrum[l];
    }
    void prefetch(std::int64_t count) const {
      detail::prefetch(spectrum, static_cast<std::size_t>(count) * sizeof(C));
    }
    const C* spectrum;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {spectrum + (Own ? at.own : at.caller)};
  }
  Row line(const SpectrumPlace& at) const { return row(at); }
  const C* spectrum;
};

/// e = h v − ŷ, its share of half_weight |e|², and v = weight more_weight scale conj(h) e, factors
/// whose product may be no number. Of real images half the spectrum is not there: its entries are
/// conjugates, and count by those that are.
template <bool WithGradient, bool OfReal, typename C>
struct CompareSpectrum {
  static constexpr bool own = true;
  template <bool AlongLast>
  struct Entries {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double& value,
                                                double&) const {
      const C e = h[l] * v - data[l];
      const bool alone =
          !OfReal || k2 + (AlongLast ? l : 0) == 0 || 2 * (k2 + (AlongLast ? l : 0)) == n2;
      value += (alone ? half_weight : 2 * half_weight) * squared_abs(e);
      if constexpr (WithGradient) v = more_weight * (weight * (scale * (conj(h[l]) * e)));
    }
    void prefetch(std::int64_t) const {}
    const C* h;
    const C* data;
    std::int64_t k2, n2;
    double half_weight;
    Real<C> weight, more_weight, scale;
  };
  KOKKOS_FORCEINLINE_FUNCTION Entries<true> row(const SpectrumPlace& at) const {
    return {h + at.own_in_image, data + at.own, at.k2, n2, half_weight, weight, more_weight, scale};
  }
  Entries<false> line(const SpectrumPlace& at) const {
    return {h + at.own_in_image, data + at.own, at.k2, n2, half_weight, weight, more_weight, scale};
  }
  const C* h;
  const C* data;
  std::int64_t n2;
  double half_weight;
  Real<C> weight, more_weight, scale;
};

}  // namespace misfit::detail
