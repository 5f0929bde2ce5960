// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What Fourier and CoilFourier do to single entries of spectra: phases and scale of the transform,
// the mask, and the distance.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/passes.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// m_q z_k and y_q of entries that lie one behind the other.
template <typename Z, typename M, typename U>
struct MeasurementRow {
  KOKKOS_FORCEINLINE_FUNCTION Z z(std::int64_t l) const { return z_row * z_last[l]; }
  void prefetch(std::int64_t count) const {
    prefetch_entries(m, count);
    prefetch_entries(y, count);
  }
  Z z_row;
  const Z* z_last;
  M m;
  U* y;
};

/// The scale and phases z, the mask m and the measurement y of a pass.
template <typename Z, typename M, typename U>
struct Measurement {
  KOKKOS_FORCEINLINE_FUNCTION MeasurementRow<Z, M, U> row(const SpectrumPlace& at) const {
    return {scale * (phases[at.k0] * phases[n0 + at.k1]), phases + n0 + n1 + at.k2, m + at.caller,
            y + at.caller};
  }
  const Z* phases;  // of one dimension behind those of the other
  std::int64_t n0, n1;
  Real<Z> scale;
  M m;
  U* y;
};

/// y_q = m_q z_k v, the end of a forward transform.
template <typename Z, typename M, typename T>
struct PutMeasurement {
  static constexpr bool own = false;
  struct Row : MeasurementRow<Z, M, T> {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, T& v, double&, double&) const {
      this->y[l] = this->m[l] * (this->z(l) * v);
    }
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const { return {to.row(at)}; }
  Measurement<Z, M, T> to;
};

/// v = conj(m_q z_k) y_q, the beginning of an adjoint.
template <typename Z, typename M, typename T>
struct GetMeasurement {
  static constexpr bool own = false;
  struct Row : MeasurementRow<Z, M, const T> {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, T& v, double&, double&) const {
      v = conj(this->z(l)) * (conj(this->m[l]) * this->y[l]);
    }
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const { return {from.row(at)}; }
  Measurement<Z, M, const T> from;
};

/// u = m_q z_k v, its distance from y_q, and v = conj(m_q z_k) factor ∇d: the end of a forward
/// transform and the beginning of the adjoint.
template <Quantity Wanted, typename Z, typename M, typename T, typename D>
struct CompareMeasurement {
  static constexpr bool own = false;
  struct Row : MeasurementRow<Z, M, const T> {
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, T& v, double& value,
                                                double& outside) const {
      const Z z = this->z(l);
      const auto m = this->m[l];
      const T r = evaluate_entry<Wanted, D, T>(*distance, first + l, m * (z * v), this->y[l],
                                               factor, value, outside);
      if constexpr (Wanted != Quantity::value) v = conj(z) * (conj(m) * r);
    }
    const D* distance;
    std::int64_t first;
    Real<T> factor;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const {
    return {with.row(at), &distance, at.caller, factor};
  }
  Measurement<Z, M, const T> with;
  D distance;
  Real<T> factor;
};

/// The same for one of SeveralTerms, whose distance lies elsewhere.
template <Quantity Wanted, typename Z, typename M, typename T, typename D>
struct MeasurementTerm {
  static constexpr bool own = false;
  KOKKOS_FORCEINLINE_FUNCTION auto row(const SpectrumPlace& at) const {
    return typename CompareMeasurement<Wanted, Z, M, T, D>::Row{with.row(at), distance, at.caller,
                                                                factor};
  }
  Measurement<Z, M, const T> with;
  const D* distance;
  Real<T> factor;
};

}  // namespace misfit::detail
