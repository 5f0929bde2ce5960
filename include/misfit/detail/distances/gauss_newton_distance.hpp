// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// d(u, w) = Σ w |u|² / 2, with real weights w in the place of data, whatever their type: its
/// gradient over linear operators is a Gauss–Newton product, A^H W A v.
struct GaussNewtonDistance {
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T w) const {
    return 0.5 * static_cast<double>(real_part(w)) * squared_abs(u);
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T w) const {
    return static_cast<Real<T>>(real_part(w)) * u;
  }
};

/// A pass over u and y that sets w = d'', for sum_tiles(); entries outside the domain are counted.
template <typename D, typename U, typename Y, typename W>
struct SecondDerivativeEntry {
  using T = typename U::non_const_value_type;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t entry, double&, double& outside) const {
    const auto j = static_cast<std::size_t>(entry);
    const T predicted = u(entry), data = y(entry);
    outside += is_outside(distance, j, predicted, data) ? 1.0 : 0.0;
    // Where the distance takes NaN for a large number, say, products are none all the same.
    w(entry) = T(nearest<Real<T>>(distance.second_derivative_at(j, predicted, data) +
                                  zero_or_nan(predicted)));
  }

  D distance;
  U u;
  Y y;
  W w;
};

}  // namespace misfit::detail
