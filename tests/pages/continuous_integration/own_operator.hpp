// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>

// docs/own_operator_and_distance.md quotes both.

/// (A x)_j = x_{j+1} − x_j, of n entries n − 1.
struct Differences {
  std::size_t n;

  std::size_t domain_size() const { return n; }
  std::size_t range_size() const { return n - 1; }

  /// Sets y = A x.
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        "Differences::apply", Kokkos::RangePolicy<Exec>(exec, 0, n - 1),
        KOKKOS_LAMBDA(const std::size_t j) { y(j) = x(j + 1) - x(j); });
  }

  /// Adds A^T r to g: each entry of g is gathered, so that no two threads write one.
  template <typename Exec, typename R, typename G>
  void add_adjoint(const Exec& exec, const R& r, const G& g) const {
    const std::size_t last = n - 1;
    Kokkos::parallel_for(
        "Differences::add_adjoint", Kokkos::RangePolicy<Exec>(exec, 0, n),
        KOKKOS_LAMBDA(const std::size_t j) {
          if (j > 0) g(j) += r(j - 1);
          if (j < last) g(j) -= r(j);
        });
  }
};

/// d(u, y) = Σ r² / (c² + r²) with r = u − y: no outlier counts more than 1 (S. Geman and D. E.
/// McClure, "Statistical methods for tomographic image reconstruction", 1987).
struct GemanMcClure {
  double c = 1;

  KOKKOS_FUNCTION double value_at(std::size_t, double u, double y) const {
    return (u - y) * (u - y) / (c * c + (u - y) * (u - y));
  }
  KOKKOS_FUNCTION double gradient_at(std::size_t, double u, double y) const {
    const double sum = c * c + (u - y) * (u - y);
    return 2 * c * c * (u - y) / (sum * sum);
  }
};
