// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators between real and complex numbers.

#include "support/matrix_operator.hpp"

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::test {

/// A x = Re x, of these types alone; its adjoint is `factor` times the right one.
struct RealPart {
  using X = misfit::Vector<Kokkos::complex<double>, Exec::memory_space>;
  using Y = misfit::Vector<double, Exec::memory_space>;
  std::size_t size;
  double factor = 1;

  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  void apply(const Exec& exec, const X::const_type& x, const Y& y) const {
    Kokkos::parallel_for(
        misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = x(j).real(); });
  }
  void add_adjoint(const Exec& exec, const Y::const_type& y, const X& x) const {
    const double f = factor;
    Kokkos::parallel_for(
        misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += f * y(j); });
  }
};

/// A x = (1 + 2i) x of real x; its adjoint is `factor` times the right one.
struct Rotated {
  using Complex = Kokkos::complex<double>;
  using X = misfit::Vector<double, Exec::memory_space>;
  using Y = misfit::Vector<Complex, Exec::memory_space>;
  std::size_t size;
  double factor = 1;

  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  void apply(const Exec& exec, const X::const_type& x, const Y& y) const {
    Kokkos::parallel_for(
        misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = Complex(x(j), 2 * x(j)); });
  }
  void add_adjoint(const Exec& exec, const Y::const_type& y, const X& x) const {
    const double f = factor;
    Kokkos::parallel_for(
        misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += f * (y(j).real() + 2 * y(j).imag()); });
  }
};

}  // namespace misfit::test
