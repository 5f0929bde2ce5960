// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What can be computed with a distance on Views, whichever of the two forms it is written in.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace misfit {

namespace detail {

template <typename D, typename U, typename Y>
void require_sizes(const D& distance, const U& u, const Y& y) {
  static_assert(std::is_same_v<typename U::non_const_value_type, typename Y::non_const_value_type>,
                "misfit: the predicted measurement u and the data y must have one scalar type");
  if (u.extent(0) != y.extent(0))
    throw ArgumentError("y: has " + std::to_string(y.extent(0)) + " entries, u has " +
                        std::to_string(u.extent(0)));
  if constexpr (requires { distance.require_size(u.extent(0)); })
    distance.require_size(u.extent(0));
}

template <typename D, typename U, typename Y, typename R>
void require_sizes(const D& distance, const U& u, const Y& y, const char* name, const R& result,
                   const char* u_name = "u") {
  require_sizes(distance, u, y);
  if (result.extent(0) != u.extent(0))
    throw ArgumentError(std::string(name) + ": has " + std::to_string(result.extent(0)) +
                        " entries, must have " + std::to_string(u.extent(0)));
  using Same = std::is_same<typename U::non_const_value_type, typename R::non_const_value_type>;
  const void* const begin = result.data();
  if (begin != u.data() || !Same::value) require_apart(u_name, u, name, result);
  if (begin != y.data() || !Same::value) require_apart("y", y, name, result);
}

[[noreturn]] inline void throw_outside(double count) {
  throw DomainError("distance: no gradient at " + std::to_string(static_cast<std::int64_t>(count)) +
                    " entries outside the domain");
}

/// A pass of a separable distance over all entries. Blocks. Throws DomainError where there is no
/// gradient.
template <Quantity Wanted, typename Exec, typename D, typename U, typename Y, typename R>
double evaluate_entries(const Exec& exec, const char* label, const D& distance, const U& u,
                        const Y& y, const R& r, double factor) {
  using T = typename U::non_const_value_type;
  const DistanceEntry<Wanted, D, U, Y, R> entry{distance, u, y, r, static_cast<Real<T>>(factor)};
  const PartialSum tally = wide_partial_sum(exec, label, u.extent(0), entry);
  if (tally.outside > 0) throw_outside(tally.outside);
  return tally.value;
}

/// r = factor r. Asynchronous on `exec`.
template <typename Exec, typename R>
void multiply(const Exec& exec, double factor, const R& r) {
  if (factor == 1.0) return;
  const auto scale = static_cast<Real<typename R::non_const_value_type>>(factor);
  for_entries(
      exec, "misfit::multiply", r.extent(0),
      KOKKOS_LAMBDA(const std::int64_t j) { r(j) = scale * r(j); });
}

}  // namespace detail

/// d(u, y); `u` and `y` of shape (m). Blocks.
///
/// Throws ArgumentError if the sizes of u, y and the distance's parameters differ.
template <ExecutionSpace Exec, typename D, VectorOn<Exec> U, VectorOn<Exec> Y>
  requires Distance<D, typename U::non_const_value_type, Exec>
double value(const Exec& exec, const D& distance, const U& u, const Y& y) {
  detail::require_sizes(distance, u, y);
  if constexpr (SeparableDistance<D, typename U::non_const_value_type>) {
    return detail::evaluate_entries<detail::Quantity::value>(exec, "misfit::value", distance, u, y,
                                                             u, 1.0);
  } else {
    return distance.value(exec, u, y);
  }
}

/// Sets `r` = factor ∇_u d(u, y) and returns d(u, y); all Views of shape (m). `r` may be `u`.
/// Blocks.
///
/// Throws DomainError where the gradient does not exist (then `r` is unspecified), ArgumentError as
/// value().
template <ExecutionSpace Exec, typename D, VectorOn<Exec> U, VectorOn<Exec> Y, VectorOn<Exec> R>
  requires DifferentiableDistance<D, typename U::non_const_value_type, Exec>
double value_and_gradient(const Exec& exec, const D& distance, const U& u, const Y& y, const R& r,
                          double factor = 1.0) {
  using T = typename U::non_const_value_type;
  detail::require_sizes(distance, u, y, "r", r);
  if constexpr (SeparableDistance<D, T>) {
    return detail::evaluate_entries<detail::Quantity::both>(exec, "misfit::value_and_gradient",
                                                            distance, u, y, r, factor);
  } else if constexpr (requires { distance.value_and_gradient(exec, u, y, r, factor); }) {
    return distance.value_and_gradient(exec, u, y, r, factor);
  } else {
    double sum = 0;
    if constexpr (requires { distance.value_and_gradient(exec, u, y, r); }) {
      sum = distance.value_and_gradient(exec, u, y, r);
    } else {
      sum = distance.value(exec, u, y);
      distance.gradient(exec, u, y, r);
    }
    detail::multiply(exec, factor, r);
    return sum;
  }
}

/// Sets `r` = factor ∇_u d(u, y); all Views of shape (m). `r` may be `u`. Blocks.
///
/// Throws as value_and_gradient().
template <ExecutionSpace Exec, typename D, VectorOn<Exec> U, VectorOn<Exec> Y, VectorOn<Exec> R>
  requires DifferentiableDistance<D, typename U::non_const_value_type, Exec>
void gradient(const Exec& exec, const D& distance, const U& u, const Y& y, const R& r,
              double factor = 1.0) {
  using T = typename U::non_const_value_type;
  detail::require_sizes(distance, u, y, "r", r);
  if constexpr (SeparableDistance<D, T>) {
    detail::evaluate_entries<detail::Quantity::gradient>(exec, "misfit::gradient", distance, u, y,
                                                         r, factor);
  } else if constexpr (requires { distance.gradient(exec, u, y, r, factor); }) {
    distance.gradient(exec, u, y, r, factor);
  } else {
    distance.gradient(exec, u, y, r);
    detail::multiply(exec, factor, r);
  }
}

/// Sets `result` = prox_{γd}(v) = argmin_u γ d(u, y) + ½ |u − v|²; all Views of shape (m), γ > 0.
///
/// `result` may be `v`. Asynchronous on `exec` if the distance is separable.
/// Throws ArgumentError if γ is not positive and finite, and as value().
template <ExecutionSpace Exec, typename D, VectorOn<Exec> V, VectorOn<Exec> Y, VectorOn<Exec> R>
  requires ProximableDistance<D, typename V::non_const_value_type, Exec>
void prox(const Exec& exec, const D& distance, double gamma, const V& v, const Y& y,
          const R& result) {
  detail::require_sizes(distance, v, y, "result", result, "v");
  detail::positive(gamma, "gamma");
  if constexpr (SeparableDistance<D, typename V::non_const_value_type>)
    detail::for_entries(
        exec, "misfit::prox", v.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
          result(j) = distance.prox_at(static_cast<std::size_t>(j), gamma, v(j), y(j));
        });
  else
    distance.prox(exec, gamma, v, y, result);
}

/// Sets `w` = the second derivative of d with respect to each u_j at u, NaN outside the domain and
/// where u_j is not finite; all Views of shape (m), w real.
///
/// The weights of a Gauss–Newton product J^H diag(w) J. Throws as value(). Asynchronous on `exec`
/// if the distance is separable.
template <ExecutionSpace Exec, typename D, VectorOn<Exec> U, VectorOn<Exec> Y, VectorOn<Exec> W>
  requires TwiceDifferentiableDistance<D, typename U::non_const_value_type, Exec>
void second_derivative(const Exec& exec, const D& distance, const U& u, const Y& y, const W& w) {
  using T = typename U::non_const_value_type;
  using R = typename W::non_const_value_type;
  using Index = std::size_t;
  detail::require_sizes(distance, u, y, "w", w);
  if constexpr (SeparableDistance<D, T>)
    detail::for_entries(
        exec, "misfit::second_derivative", u.extent(0), KOKKOS_LAMBDA(const std::int64_t i) {
          const auto j = static_cast<Index>(i);
          const T predicted = u(j), data = y(j);
          w(j) = detail::nearest<R>(detail::is_outside(distance, j, predicted, data)
                                        ? NAN
                                        : distance.second_derivative_at(j, predicted, data) +
                                              detail::zero_or_nan(predicted));
        });
  else
    distance.second_derivative(exec, u, y, w);
}

/// Whether d(u, y) = ½ Σ w |u − y|² with weights that depend on neither: what `distance` says
/// itself (a constant or a function is_quadratic), else no.
template <typename D>
bool is_quadratic(const D& distance) {
  if constexpr (requires {
                  { distance.is_quadratic() } -> std::convertible_to<bool>;
                })
    return distance.is_quadratic();
  else if constexpr (requires {
                       { D::is_quadratic } -> std::convertible_to<bool>;
                     })
    return D::is_quadratic;
  else
    return false;
}

}  // namespace misfit
