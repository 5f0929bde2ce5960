// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/distances/distance_entry.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// A separable distance as the entries from `begin` on see it: its entry j is entry begin + j of
/// `distance`.
template <typename D>
struct ShiftedDistance {
  static constexpr bool cuts_gradient = detail::cuts_gradient<D>;

  template <typename T>
    requires SeparableDistance<D, T>
  KOKKOS_FORCEINLINE_FUNCTION double value_at(std::size_t j, T u, T y) const {
    return distance.value_at(begin + j, u, y);
  }
  template <typename T>
    requires requires(const D& d, T u) { d.gradient_at(std::size_t{}, u, u); }
  KOKKOS_FORCEINLINE_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    return distance.gradient_at(begin + j, u, y);
  }
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return is_outside(distance, begin + j, u, y);
  }

  D distance;
  std::size_t begin;
};

/// What stands for a distance D of all entries at a run of them; D itself where all are alike.
template <typename D>
using DistanceOfPart = std::conditional_t<UniformDistance<D>, D, ShiftedDistance<D>>;

template <typename D>
DistanceOfPart<D> distance_from(const D& distance, [[maybe_unused]] std::size_t begin) {
  if constexpr (UniformDistance<D>)
    return distance;
  else
    return {distance, begin};
}

}  // namespace misfit::detail
