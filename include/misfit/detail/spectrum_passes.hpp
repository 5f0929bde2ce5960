// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What FourierBlur does to single entries of spectra, between the transforms.

#include <misfit/detail/prefetch.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// The spectrum h of a kernel, the same for all images of a batch.
template <typename C>
struct Transfer {
  KOKKOS_FORCEINLINE_FUNCTION const C* row(std::int64_t k0, std::int64_t k1) const {
    return entries + (k0 * n1 + k1) * outputs;
  }
  const C* entries;
  std::int64_t n1, outputs;
};

/// v = scale h v, or scale conj(h) v.
template <bool Adjoint, typename C>
struct TimesSpectrum {
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t, std::int64_t k2, C& v, double&,
                                                double&) const {
      v = scale * ((Adjoint ? conj(h[k2]) : h[k2]) * v);
    }
    void prefetch(std::int64_t, std::int64_t k2, std::int64_t count) const {
      detail::prefetch(h + k2, static_cast<std::size_t>(count) * sizeof(C));
    }
    const C* h;
    Real<C> scale;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t k0, std::int64_t k1) const {
    return {transfer.row(k0, k1), scale};
  }
  Transfer<C> transfer;
  Real<C> scale;
};

/// Leaves a spectrum.
template <typename C>
struct PutSpectrum {
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t q, std::int64_t, C& v, double&,
                                                double&) const {
      spectrum[q] = v;
    }
    void prefetch(std::int64_t, std::int64_t, std::int64_t) const {}
    C* spectrum;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t, std::int64_t) const { return {spectrum}; }
  C* spectrum;
};

/// e = h v − ŷ, its share of half_weight |e|², and v = weight conj(h) e. Of real images half the
/// spectrum is not there: its entries are conjugates, and count by those that are.
template <bool WithGradient, bool OfReal, typename C>
struct CompareSpectrum {
  struct Row {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t q, std::int64_t k2, C& v,
                                                double& value, double&) const {
      const C e = h[k2] * v - data[q];
      const bool alone = !OfReal || k2 == 0 || 2 * k2 == n2;
      value += (alone ? half_weight : 2 * half_weight) * squared_abs(e);
      if constexpr (WithGradient) v = weight * (conj(h[k2]) * e);
    }
    void prefetch(std::int64_t q, std::int64_t k2, std::int64_t count) const {
      detail::prefetch(h + k2, static_cast<std::size_t>(count) * sizeof(C));
      detail::prefetch(data + q, static_cast<std::size_t>(count) * sizeof(C));
    }
    const C* h;
    const C* data;
    std::int64_t n2;
    double half_weight;
    Real<C> weight;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(std::int64_t k0, std::int64_t k1) const {
    return {transfer.row(k0, k1), data, n2, half_weight, weight};
  }
  Transfer<C> transfer;
  const C* data;
  std::int64_t n2;
  double half_weight;
  Real<C> weight;
};

}  // namespace misfit::detail
