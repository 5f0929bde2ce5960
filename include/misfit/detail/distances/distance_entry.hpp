// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// What is asked of a distance, and of a data fidelity.
enum class Quantity { value, gradient, both };

/// Whether entry j is one where the gradient does not exist.
template <typename D, typename T>
KOKKOS_FORCEINLINE_FUNCTION bool is_outside(const D& distance, std::size_t j, const T& u,
                                            const T& y) {
  if constexpr (requires { distance.outside_at(j, u, y); })
    return distance.outside_at(j, u, y);
  else
    return false;
}

/// The part of entry j in d(u, y), added to `value`; returns `factor` times that of the gradient,
/// and counts the entry in `outside` if it has none.
template <Quantity Wanted, typename D, typename T>
KOKKOS_FORCEINLINE_FUNCTION T evaluate_entry(const D& distance, std::int64_t entry, const T& u,
                                             const T& y, [[maybe_unused]] Real<T> factor,
                                             double& value, double& outside) {
  const auto j = static_cast<std::size_t>(entry);
  if constexpr (Wanted != Quantity::gradient) value += distance.value_at(j, u, y);
  if constexpr (Wanted == Quantity::value) {
    return T(0);
  } else {
    outside += is_outside(distance, j, u, y) ? 1.0 : 0.0;
    if constexpr (cuts_gradient<D>)
      return scaled<T>(factor, distance.gradient_at(j, u, y));
    else
      return factor * distance.gradient_at(j, u, y);
  }
}

/// A pass over Views u, y and, for a gradient, r = factor ∇_u d(u, y), which may be u: one for
/// sum_tiles().
template <Quantity Wanted, typename D, typename U, typename Y, typename R>
struct DistanceEntry {
  using T = typename U::non_const_value_type;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    const T gradient =
        evaluate_entry<Wanted, D, T>(distance, j, u(j), y(j), factor, value, outside);
    if constexpr (Wanted != Quantity::value) r(j) = gradient;
  }

  D distance;
  U u;
  Y y;
  R r;
  Real<T> factor;
};

}  // namespace misfit::detail
