// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The distances of a case, as misfit takes them.

#include "scorecard/random_calls/planted.hpp"
#include "scorecard/random_calls/problem.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <type_traits>

namespace misfit::test::random_calls {

using Parameters = Kokkos::View<double*>;

inline Parameters parameters_of(const DistanceOf& d) {
  const Parameters view("parameters", d.parameters.size());
  std::copy(d.parameters.begin(), d.parameters.end(), view.data());
  return view;
}

/// Of a misfit distance of the kind of `d`, what `use` makes.
template <typename T, typename Use>
auto with_distance(const DistanceOf& d, Use&& use) {
  if constexpr (!detail::is_complex<T>) {
    if (d.kind == Distance::poisson) return use(Poisson(d.gain, d.background));
    if (d.kind == Distance::poisson_view) return use(Poisson(d.gain, parameters_of(d)));
    if (d.kind == Distance::log_poisson) return use(LogPoisson(d.n0, d.mu));
    if (d.kind == Distance::amplitude) return use(Amplitude(d.epsilon));
  }
  if (d.kind == Distance::weighted) return use(WeightedL2(parameters_of(d)));
  if (d.kind == Distance::l1) return use(L1{});
  if (d.kind == Distance::huber) return use(Huber(d.delta));
  if (d.kind == Distance::zero) return use(Zero{});
  if (d.kind == Distance::indicator) return use(IndicatorL2(d.radius));
  return use(L2(d.sigma));
}

/// Any distance that a user watches: one that is not separable, in which errors are planted.
template <typename T>
struct WatchedDistance {
  AnyDistance<T> distance;
  int index;

  double value(const Exec& exec, const Vector<const T>& u, const Vector<const T>& y) const {
    throw_where_planted(Fault::in_value, index);
    return distance.value(exec, u, y);
  }
  void gradient(const Exec& exec, const Vector<const T>& u, const Vector<const T>& y,
                const Vector<T>& r) const {
    throw_where_planted(Fault::in_gradient, index);
    distance.gradient(exec, u, y, r);
  }
  void second_derivative(const Exec& exec, const Vector<const T>& u, const Vector<const T>& y,
                         const Vector<detail::Real<T>>& w) const {
    distance.second_derivative(exec, u, y, w);
  }
  void prox(const Exec& exec, double gamma, const Vector<const T>& v, const Vector<const T>& y,
            const Vector<T>& result) const {
    throw_where_planted(Fault::in_value, index);
    distance.prox(exec, gamma, v, y, result);
  }
  bool is_quadratic() const { return distance.is_quadratic(); }
  void require_size(std::size_t m) const { distance.require_size(m); }
};

/// A separable distance of a user, that of the kind it is told: for the passes of operators.
template <typename T>
struct Switch {
  Distance kind;
  bool has_parameters;
  L2 l2;
  Huber huber;
  Poisson<double> poisson;
  LogPoisson log_poisson;
  Amplitude amplitude;
  Parameters parameters;

  explicit Switch(const DistanceOf& d)
      : kind(d.kind),
        has_parameters(!d.parameters.empty()),
        l2(d.sigma),
        huber(d.delta),
        poisson(d.gain, d.background),
        log_poisson(d.n0, d.mu),
        amplitude(d.epsilon),
        parameters(parameters_of(d)) {}

  bool is_quadratic() const {
    return kind == Distance::l2 || kind == Distance::weighted || kind == Distance::zero;
  }
  void require_size(std::size_t m) const {
    if (has_parameters && parameters.extent(0) != m) throw ArgumentError("parameters: other size");
  }
  // A real distance with parameters; `use` gets one of misfit.
  template <typename Use>
  KOKKOS_FUNCTION auto with(std::size_t j, Use&& use) const {
    if constexpr (!detail::is_complex<T>) {
      if (kind == Distance::poisson) return use(poisson);
      if (kind == Distance::poisson_view) return use(Poisson(poisson_gain(), parameters(j)));
      if (kind == Distance::log_poisson) return use(log_poisson);
      if (kind == Distance::amplitude) return use(amplitude);
    }
    if (kind == Distance::weighted) return use(L2(1 / std::sqrt(parameters(j))));
    if (kind == Distance::l1) return use(L1{});
    if (kind == Distance::huber) return use(huber);
    if (kind == Distance::zero) return use(Zero{});
    return use(l2);
  }
  KOKKOS_FUNCTION double value_at(std::size_t j, T u, T y) const {
    return with(j, [&](const auto& d) { return d.value_at(j, u, y); });
  }
  KOKKOS_FUNCTION T gradient_at(std::size_t j, T u, T y) const {
    return with(j, [&](const auto& d) { return d.gradient_at(j, u, y); });
  }
  KOKKOS_FUNCTION bool outside_at(std::size_t j, T u, T y) const {
    return with(j, [&](const auto& d) {
      if constexpr (requires { d.outside_at(j, u, y); })
        return d.outside_at(j, u, y);
      else
        return false;
    });
  }
  KOKKOS_FUNCTION T inside_at(std::size_t j, T u, T y, double e) const {
    return with(j, [&](const auto& d) {
      if constexpr (requires { d.inside_at(j, u, y, e); })
        return d.inside_at(j, u, y, e);
      else
        return u;
    });
  }
  /// 0 where it has none, as for complex data.
  KOKKOS_FUNCTION double second_derivative_at(std::size_t j, T u, T y) const {
    return with(j, [&](const auto& d) {
      if constexpr (requires { d.second_derivative_at(j, u, y); })
        return d.second_derivative_at(j, u, y);
      else
        return 0.0;
    });
  }
  KOKKOS_FUNCTION T prox_at(std::size_t j, double gamma, T v, T y) const {
    return with(j, [&](const auto& d) {
      if constexpr (requires { d.prox_at(j, gamma, v, y); })
        return d.prox_at(j, gamma, v, y);
      else
        return v;
    });
  }
  double poisson_gain() const { return gain; }
  double gain = 1;
};

template <typename D>
struct MakeDistance;
template <typename T>
struct MakeDistance<WatchedDistance<T>> {
  static WatchedDistance<T> of(const DistanceOf& d, int i) {
    return {with_distance<T>(d, [](auto distance) { return AnyDistance<T>(distance); }), i};
  }
};
template <typename T>
struct MakeDistance<Switch<T>> {
  static Switch<T> of(const DistanceOf& d, int) {
    Switch<T> distance(d);
    distance.gain = d.gain;
    return distance;
  }
};
template <>
struct MakeDistance<L2> {
  static L2 of(const DistanceOf& d, int) { return L2(d.sigma); }
};

}  // namespace misfit::test::random_calls
