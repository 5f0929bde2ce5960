// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The distance of one's own of this course, which outliers pull at less than at L2.

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>

/// d(u, y) = Σ log(1 + (u − y)² / s²): the negative log-likelihood of Cauchy noise of half-width s,
/// up to a constant.
struct Cauchy {
  double s;

  KOKKOS_FUNCTION double value_at(std::size_t, double u, double y) const {
    const double t = (u - y) / s;
    return std::log1p(t * t);
  }
  KOKKOS_FUNCTION double gradient_at(std::size_t, double u, double y) const {
    return 2 * (u - y) / (s * s + (u - y) * (u - y));
  }
};
