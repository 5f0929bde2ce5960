// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every operator of misfit, small, in several forms: for checks that try all of them.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace misfit::test {

using Exec = Kokkos::DefaultExecutionSpace;

/// Numbers whose real and imaginary parts lie in (low, low + 1), other ones for each seed.
template <typename T>
Kokkos::View<T*> numbers(std::uint64_t seed, std::size_t n, double low = 0.5);

/// An operator from vectors of T to vectors of Range.
template <typename T, typename Range = T>
struct NamedOperator {
  std::string name;
  /// Of other numbers for each seed, always of the same sizes.
  std::function<AnyOperator<T, Exec, Range>(std::uint64_t)> make;
  /// A x is positive where x is.
  bool keeps_positive = false;
};

/// All linear operators that take T: one of the four scalars.
template <typename T>
std::vector<NamedOperator<T>> linear_operators();

/// Operators with a derivative from double to double, and from complex images to real data.
std::vector<NamedOperator<double>> nonlinear_operators();
std::vector<NamedOperator<Kokkos::complex<double>, double>> intensity_operators();

/// A(x)_j = x_j², as a user would write it.
struct Square {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        "Square::apply", Kokkos::RangePolicy<Exec>(exec, 0, size),
        KOKKOS_LAMBDA(const std::size_t j) { y(j) = x(j) * x(j); });
  }
  template <typename X, typename R, typename G>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    Kokkos::parallel_for(
        "Square::add_vjp", Kokkos::RangePolicy<Exec>(exec, 0, size),
        KOKKOS_LAMBDA(const std::size_t j) { g(j) += 2 * x(j) * r(j); });
  }
};

}  // namespace misfit::test
