// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/in_memory_of.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/distances/evaluate.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <utility>

namespace misfit {

/// λ d(u, y): any distance times a weight, for a fidelity whose operators count differently:
///
///     DistributedDataFidelity fidelity(operators, [&](int i) { return Weighted{L2{}, weight[i]};
///     });
///
/// It is what d is: quadratic, separable, with a gradient, a prox and a second derivative where d
/// has them. For Weighted{L2{0.5}, 3}, u = (1, 3) and y = (2, 1): d = 30, ∇d = (−12, 24),
/// prox_d(u) = (1.923, 1.154).
template <typename D>
class Weighted : public detail::InMemoryOf<D> {
 public:
  /// \cond
  static constexpr bool cuts_gradient = detail::cuts_gradient<D>;
  /// \endcond

  /// λ = `weight`. Throws ArgumentError unless it is positive and finite. (To leave operators out
  /// there is Subset.)
  Weighted(D distance, double weight)
      : distance_(std::move(distance)), weight_(detail::positive(weight, "Weighted: weight")) {}

  /// d.
  const D& distance() const { return distance_; }
  /// λ.
  double weight() const { return weight_; }

  /// As d is.
  bool is_quadratic() const { return misfit::is_quadratic(distance_); }
  /// λ times that of d (see UniformDistance).
  double uniform_weight() const
    requires UniformDistance<D>
  {
    return weight_ * distance_.uniform_weight();
  }
  /// Throws ArgumentError as d.
  void require_size(std::size_t m) const {
    if constexpr (requires { distance_.require_size(m); }) distance_.require_size(m);
  }

  /// λ times the value of d.
  template <typename T>
    requires SeparableDistance<D, T>
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    return weight_ * distance_.value_at(j, u, y);
  }
  /// λ times the gradient of d.
  template <typename T>
    requires SeparableDistance<D, T> && requires(const D& d, T u) { d.gradient_at(0UL, u, u); }
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    if constexpr (cuts_gradient)
      return detail::scaled<T>(weight_, distance_.gradient_at(j, u, y));
    else
      return static_cast<T>(weight_ * static_cast<detail::Wide<T>>(distance_.gradient_at(j, u, y)));
  }
  /// prox_{γλd}(v).
  template <typename T>
    requires SeparableDistance<D, T> && requires(const D& d, T u) { d.prox_at(0UL, 1.0, u, u); }
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    return distance_.prox_at(j, detail::nearest_positive(gamma * weight_), v, y);
  }
  /// λ times that of d.
  template <typename T>
    requires SeparableDistance<D, T> &&
             requires(const D& d, T u) { d.second_derivative_at(0UL, u, u); }
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const {
    return weight_ * distance_.second_derivative_at(j, u, y);
  }
  /// As d (see BoundedDistance), of which the domain is.
  template <typename T>
    requires requires(const D& d, T u) { d.outside_at(0UL, u, u); }
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return distance_.outside_at(j, u, y);
  }
  /// Likewise.
  template <typename T>
    requires BoundedDistance<D, T>
  KOKKOS_FUNCTION T inside_at(std::size_t j, T u, T y, double e) const {
    return distance_.inside_at(j, u, y, e);
  }

  /// The same of a d that is not separable. Block as those of d.
  template <typename Exec, typename U, typename Y>
    requires(!SeparableDistance<D, typename U::non_const_value_type>)
  double value(const Exec& exec, const U& u, const Y& y) const {
    return weight_ * misfit::value(exec, distance_, u, y);
  }
  /// r = factor λ ∇d.
  template <typename Exec, typename U, typename Y, typename R>
    requires(!SeparableDistance<D, typename U::non_const_value_type> &&
             DifferentiableDistance<D, typename U::non_const_value_type, Exec>)
  void gradient(const Exec& exec, const U& u, const Y& y, const R& r, double factor = 1.0) const {
    misfit::gradient(exec, distance_, u, y, r, factor * weight_);
  }
  /// Sets r = factor λ ∇d and returns λ d.
  template <typename Exec, typename U, typename Y, typename R>
    requires(!SeparableDistance<D, typename U::non_const_value_type> &&
             DifferentiableDistance<D, typename U::non_const_value_type, Exec>)
  double value_and_gradient(const Exec& exec, const U& u, const Y& y, const R& r,
                            double factor = 1.0) const {
    return weight_ * misfit::value_and_gradient(exec, distance_, u, y, r, factor * weight_);
  }
  /// result = prox_{γλd}(v).
  template <typename Exec, typename V, typename Y, typename R>
    requires(!SeparableDistance<D, typename V::non_const_value_type> &&
             ProximableDistance<D, typename V::non_const_value_type, Exec>)
  void prox(const Exec& exec, double gamma, const V& v, const Y& y, const R& result) const {
    misfit::prox(exec, distance_, detail::nearest_positive(gamma * weight_), v, y, result);
  }
  /// w = λ d″.
  template <typename Exec, typename U, typename Y, typename W>
    requires(!SeparableDistance<D, typename U::non_const_value_type> &&
             TwiceDifferentiableDistance<D, typename U::non_const_value_type, Exec>)
  void second_derivative(const Exec& exec, const U& u, const Y& y, const W& w) const {
    misfit::second_derivative(exec, distance_, u, y, w);
    detail::multiply(exec, weight_, w);
  }
  /// As d, told of rounding (see AnyDistance).
  template <typename Exec, typename U, typename Y>
    requires requires(const D& d, const Exec& exec, const U& u, const Y& y) {
      d.move_inside(exec, u, y, 1.0, nullptr);
    }
  void move_inside(const Exec& exec, const U& u, const Y& y, double relative,
                   const double* squares) const {
    distance_.move_inside(exec, u, y, relative, squares);
  }

 private:
  D distance_;
  double weight_;
};

}  // namespace misfit
