// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What rounding in an operator means to a distance with a domain: an entry that is outside by no
// more than that, or so near the edge that no digit of it is right, is taken as one inside.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/residual.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// A distance for predicted measurements off by `relative` ‖x‖₂, where `squares` is ‖x‖₂².
template <typename D>
struct WithRounding {
  static constexpr bool cuts_gradient = detail::cuts_gradient<D>;

  template <typename T>
  KOKKOS_FUNCTION T inside(std::size_t j, T u, T y) const {
    const double rounding = relative > 0 ? relative * math::sqrt(*squares) : 0.0;
    // A bound beyond a double says nothing about u.
    return rounding < HUGE_VAL ? distance.inside_at(j, u, y, rounding) : u;
  }
  template <typename T>
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return distance.outside_at(j, inside(j, u, y), y);
  }
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    return distance.value_at(j, inside(j, u, y), y);
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    return distance.gradient_at(j, inside(j, u, y), y);
  }
  template <typename T>
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const
    requires requires(const D& d) { d.second_derivative_at(j, u, y); }
  {
    return distance.second_derivative_at(j, inside(j, u, y), y);
  }

  D distance;
  double relative;
  const double* squares;
};

/// u_j = distance.inside(j, u_j, y_j). Asynchronous on `exec`.
template <typename Exec, typename D, typename U, typename Y>
void move_inside(const Exec& exec, const WithRounding<D>& distance, const U& u, const Y& y) {
  for_indices(
      exec, "misfit::move_inside", u.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
        using T = typename U::non_const_value_type;
        u(j) = distance.template inside<T>(static_cast<std::size_t>(j), u(j), y(j));
      });
}

/// A distance of erased type, which has to be told before it sees u.
template <typename D, typename U, typename Exec>
concept MovesInside = requires(
    const D& d, const Exec& exec, Vector<U, typename Exec::memory_space> u,
    Vector<const U, typename Exec::memory_space> y) { d.move_inside(exec, u, y, 1.0, nullptr); };

/// Whether a distance of measurements of type U is told of the rounding of an operator.
template <typename Op, typename D, typename U, typename Exec>
inline constexpr bool allows_for_rounding =
    RoundingOperator<Op> && (BoundedDistance<D, U> || MovesInside<D, U, Exec>);

/// `distance` as it is, or with the rounding of `op`; where its type does not say that it has a
/// domain, u is moved instead. Asynchronous on `exec`.
template <typename Exec, typename Op, typename D, typename U, typename Y>
decltype(auto) with_rounding_of(const Exec& exec, const Op& op, const D& distance,
                                const double* squares, const U& u, const Y& y) {
  using T = typename U::non_const_value_type;
  if constexpr (RoundingOperator<Op> && MovesInside<D, T, Exec>)
    if (squares != nullptr) distance.move_inside(exec, u, y, op.rounding(), squares);
  if constexpr (RoundingOperator<Op> && BoundedDistance<D, T>)
    return WithRounding<D>{distance, squares == nullptr ? 0.0 : op.rounding(), squares};
  else
    return distance;
}

}  // namespace misfit::detail
