// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The operator of this course that is not linear.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>

/// A(x)_j = c (1 − exp(−x_j / c)): a detector that cannot show more than c.
struct Saturation {
  using Exec = Kokkos::DefaultExecutionSpace;
  using In = misfit::Vector<const double>;
  using Out = misfit::Vector<double>;

  std::size_t n;
  double c;

  std::size_t domain_size() const { return n; }
  std::size_t range_size() const { return n; }

  /// y = A(x).
  void apply(const Exec& exec, const In& x, const Out& y) const {
    const double most = c;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, n),
        KOKKOS_LAMBDA(const long j) { y(j) = -most * std::expm1(-x(j) / most); });
  }

  /// g += J(x)^T r, where J(x) is diagonal, with exp(−x_j / c).
  void add_vjp(const Exec& exec, const In& x, const In& r, const Out& g) const {
    const double most = c;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, n),
        KOKKOS_LAMBDA(const long j) { g(j) += std::exp(-x(j) / most) * r(j); });
  }
};
