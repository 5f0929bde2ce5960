// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace misfit::test {

/// (A x)_j = (1 + j / 10) x_j with passes of its own, of which one has a fault.
struct FusedDiagonal {
  enum class Fault {
    none,
    fn,                       ///< the value of fn is 1 % too large
    value_of_both,            ///< that of fn_and_grad
    opposite_values_of_both,  ///< those of two signals, in turn too large and too small
    gradient,                 ///< one entry of every gradient
    second_gradient,          ///< one entry of gradients from the third signal on
  };

  std::size_t size;
  Fault fault = Fault::none;
  std::shared_ptr<int> calls = std::make_shared<int>(0);

  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  KOKKOS_FUNCTION static double diagonal(std::int64_t j) {
    return 1 + 0.1 * static_cast<double>(j);
  }

  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = diagonal(j) * x(j); });
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    Kokkos::parallel_for(
        detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += diagonal(j) * y(j); });
  }

  template <SeparableDistance D>
  std::size_t partial_sums(const D&) const {
    return size;
  }
  template <SeparableDistance D, typename E, typename X, typename Y, typename Sums>
  void fused_fn(const E& exec, const D& distance, const X& x, const Y& y, const Sums& sums) const {
    set_sums(exec, distance, x, y, sums, fault == Fault::fn ? 1.01 : 1.0);
  }
  template <SeparableDistance D, typename E, typename X, typename Y, typename G, typename Sums>
  void fused_fn_and_grad(const E& exec, const D& distance, const X& x, const Y& y, double factor,
                         const G& g, const Sums& sums) const {
    const int call = ++*calls;
    const bool too_large = fault == Fault::value_of_both || fault == Fault::opposite_values_of_both;
    const bool too_small = fault == Fault::opposite_values_of_both && call % 2 == 0;
    set_sums(exec, distance, x, y, sums, too_small ? 0.99 : too_large ? 1.01 : 1.0);
    const bool wrong = fault == Fault::gradient || (fault == Fault::second_gradient && call > 2);
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) {
          const double u = diagonal(j) * x(j);
          const double added =
              factor * diagonal(j) * distance.gradient_at(static_cast<std::size_t>(j), u, y(j));
          g(j) += wrong && j == 1 ? 1.1 * added : added;
        });
  }

  template <typename D, typename E, typename X, typename Y, typename Sums>
  void set_sums(const E& exec, const D& distance, const X& x, const Y& y, const Sums& sums,
                double factor) const {
    Kokkos::parallel_for(
        detail::range(exec, size), KOKKOS_LAMBDA(const std::int64_t j) {
          const double u = diagonal(j) * x(j);
          PartialSum sum;
          sum.value = factor * distance.value_at(static_cast<std::size_t>(j), u, y(j));
          sums(j) = sum;
        });
  }
};

}  // namespace misfit::test
