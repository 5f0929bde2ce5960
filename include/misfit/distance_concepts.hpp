// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>

namespace misfit {

/// A distance that is a sum over entries, written as device functions of one entry.
///
/// `value_at(j, u, y)` is the double that entry j adds to d(u, y). Optional beside it, each a
/// KOKKOS_FUNCTION: `gradient_at(j, u, y)` (the entry of ∇_u d), `prox_at(j, gamma, v, y)`,
/// `second_derivative_at(j, u, y)`, `outside_at(j, u, y)` (true where the gradient does not exist),
/// and for the host `require_size(m)`, which throws ArgumentError if the distance has parameters
/// for measurements of another size.
template <typename D, typename T = double>
concept SeparableDistance = requires(const D& d, std::size_t j, T u, T y) {
  { d.value_at(j, u, y) } -> std::convertible_to<double>;
};

/// A separable distance with a domain, that can allow for rounding of u: `inside_at(j, u, y, e)` is
/// u, or, where an error of at most e may have put u outside or too near the edge for its value to
/// mean anything, a number inside at most 2 e away.
template <typename D, typename T = double>
concept BoundedDistance = SeparableDistance<D, T> && requires(const D& d, std::size_t j, T u, T y) {
  { d.outside_at(j, u, y) } -> std::convertible_to<bool>;
  { d.inside_at(j, u, y, 1.0) } -> std::convertible_to<T>;
};

/// A distance w |u − y|² / 2 with one weight w for all entries, `uniform_weight()`: one that a
/// change to another orthonormal basis leaves as it is. Passes may compute it themselves.
template <typename D>
concept UniformDistance = requires(const D& d) {
  { d.uniform_weight() } -> std::convertible_to<double>;
};

/// A distance d(u, y) between a predicted measurement u and the data y, both of shape (m).
///
/// Either separable, or a struct with `value(exec, u, y)`, which returns a double and blocks.
template <typename D, typename T = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept Distance =
    SeparableDistance<D, T> ||
    requires(const D& d, const Exec& exec, Vector<const T, typename Exec::memory_space> u) {
      { d.value(exec, u, u) } -> std::convertible_to<double>;
    };

/// A distance with a gradient: `gradient_at`, or `gradient(exec, u, y, r)`, which sets r = ∇_u d(u,
/// y) and must allow r to be the View u itself.
template <typename D, typename T = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept DifferentiableDistance = Distance<D, T, Exec> &&(
    requires(const D& d, std::size_t j, T u) {
      { d.gradient_at(j, u, u) } -> std::convertible_to<T>;
    } ||
    requires(const D& d, const Exec& exec, Vector<const T, typename Exec::memory_space> u,
             Vector<T, typename Exec::memory_space> r) { d.gradient(exec, u, u, r); });

/// A distance with a proximal operator: `prox_at`, or `prox(exec, gamma, v, y, result)`.
template <typename D, typename T = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept ProximableDistance = Distance<D, T, Exec> &&(
    requires(const D& d, std::size_t j, T u) {
      { d.prox_at(j, 1.0, u, u) } -> std::convertible_to<T>;
    } ||
    requires(const D& d, const Exec& exec, Vector<const T, typename Exec::memory_space> u,
             Vector<T, typename Exec::memory_space> r) { d.prox(exec, 1.0, u, u, r); });

/// A distance with a second derivative: `second_derivative_at`, or `second_derivative(exec, u, y,
/// w)`.
template <typename D, typename T = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept TwiceDifferentiableDistance = Distance<D, T, Exec> &&(
    requires(const D& d, std::size_t j, T u) {
      { d.second_derivative_at(j, u, u) } -> std::convertible_to<double>;
    } ||
    requires(const D& d, const Exec& exec, Vector<const T, typename Exec::memory_space> u,
             Vector<detail::Real<T>, typename Exec::memory_space> w) {
      d.second_derivative(exec, u, u, w);
    });

namespace detail {

/// Whether misfit::is_quadratic() is true of every distance of type D.
template <typename D>
inline constexpr bool always_quadratic = requires { requires bool(D::is_quadratic); };

}  // namespace detail

}  // namespace misfit
