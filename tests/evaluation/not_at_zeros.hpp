// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>

namespace misfit::test {

/// Has no gradient where y is 0.
struct NotAtZeros {
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T u, T y) const {
    return detail::squared_abs(u - y);
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T u, T y) const {
    return T(2) * (u - y);
  }
  template <typename T>
  KOKKOS_FUNCTION bool outside_at(std::size_t, T, T y) const {
    return y == T(0);
  }
};

}  // namespace misfit::test
