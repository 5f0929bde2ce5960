// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/testing/adjoint_tests.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/testing/check_result.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit {

namespace detail {

inline double total(double value) { return value; }
inline double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// The largest |a − b| / |b| over all signals.
inline double apart(double a, double b) { return relative(a - b, std::abs(b)); }
inline double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double error = 0;
  for (std::size_t k = 0; k < b.size(); ++k) error = worse(apart(a[k], b[k]), error);
  return error;
}

/// The largest over three random directions h of |f(x + t h) − f(x − t h) − Re⟨∇f, 2 t h⟩| / (|∇f|
/// |2 t h|), each at its best step t. `value(z)` is f at a View like x; `z` and `step` are such
/// Views to work in.
template <typename Exec, typename Value, typename X, typename G>
double gradient_error(const Exec& exec, const DomainVectors& domain, Value&& value, const X& x,
                      const G& gradient, const G& above, const G& below) {
  const auto all_x = all_signals(x), g = all_signals(gradient), up = all_signals(above),
             down = all_signals(below);
  const double length_x = domain.length(exec, all_x), length_g = domain.length(exec, g);
  double error = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    double best = std::nan(""), largest = 0;
    for (double t = 1e-1; t > 1e-8; t /= 10) {
      fill_random(exec, up, seed);
      const double length_h = domain.length(exec, up);
      const double step = length_h > 0 ? t * (length_x > 0 ? length_x : 1.0) / length_h : 0.0;
      axpby(exec, -step, up, 0, down);
      axpby(exec, 1, all_x, step, up);
      axpby(exec, 1, all_x, 1, down);
      const double value_above = value(above), value_below = value(below);
      axpby(exec, 1, up, -1, down);  // the step as it was taken, rounding included
      const double expected = domain.dot(exec, g, down);
      // Where ∇f is 0, with a slope by which f would become what it is at the longest step.
      largest = std::fmax(largest, std::fabs(value_above) + std::fabs(value_below));
      const double size = length_g > 0 ? length_g * domain.length(exec, down) : t * largest;
      const double now = relative(value_above - value_below - expected, size);
      best = std::fmin(best, now);  // a step may leave the domain: NaN
    }
    error = worse(best, error);
  }
  return error;
}

template <typename T>
constexpr double gradient_tolerance = std::is_same_v<Real<T>, float> ? 1e-4 : 1e-6;

template <typename V>
auto like(const std::string& label, const V& view) {
  using T = typename V::non_const_value_type;
  if constexpr (is_batch<V>)
    return Kokkos::View<T**, Kokkos::LayoutRight, typename V::memory_space>(label, view.extent(0),
                                                                            view.extent(1));
  else
    return Vector<T, typename V::memory_space>(label, view.extent(0));
}

}  // namespace detail

/// Checks the gradient of a distance at `u` by central differences of its value.
///
/// The error is the largest over random directions h of |d(u + h) − d(u − h) − Re⟨∇d, 2h⟩| / (|∇d|
/// |2h|), each at its best length; the tolerance 1e-6 in double and 1e-4 in float. It is no error
/// of the gradient if d is not smooth near u. Blocks.
template <ExecutionSpace Exec, typename D, VectorOn<Exec> U, VectorOn<Exec> Y>
CheckResult check_gradient(const Exec& exec, const D& distance, const U& u, const Y& y) {
  const auto g = detail::like("misfit::check_gradient::g", u);
  const auto above = detail::like("misfit::check_gradient::above", u);
  const auto below = detail::like("misfit::check_gradient::below", u);
  gradient(exec, distance, u, y, g);
  const double error = detail::gradient_error(
      exec, detail::DomainVectors(u.extent(0)),
      [&](const auto& z) { return value(exec, distance, z, y); }, u, g, above, below);
  return detail::combined({{error, detail::gradient_tolerance<typename U::non_const_value_type>,
                            CheckedProperty::gradient}});
}

/// Checks the gradient of a whole fidelity at `x`, over all ranks, as that of a distance; and at
/// the same tolerance the value and the gradient of fn_and_grad against those of fn and grad,
/// relatively to these. The result is that of the first that fails, in the order of
/// CheckedProperty. Collective; every rank gets the same result; blocks.
template <ExecutionSpace Exec, typename D, SignalsOn<Exec> X, MeasurementsOn<Exec> Y, typename Op>
CheckResult check_gradient(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x,
                           const Y& y, const DistributedOperator<Op>& operators) {
  constexpr double tolerance = detail::gradient_tolerance<typename X::non_const_value_type>;
  using Views = decltype(detail::like("", x));
  Views at, g, above, below;
  operators.communicator().agree("check_gradient", [&] {
    detail::require_signals("x", x, detail::batch_size(x), operators.domain_size());
    for (Views* v : {&at, &g, &above, &below}) *v = detail::like("misfit::check_gradient::x", x);
    Kokkos::deep_copy(exec, at, x);
  });
  fidelity.grad(exec, at, y, operators, g);
  const auto value = fidelity.fn(exec, at, y, operators);
  const double values_apart =
      detail::apart(fidelity.fn_and_grad(exec, at, y, operators, above), value);

  const detail::DomainVectors domain = detail::Internals::of(operators).domain_vectors(x);
  const auto all_g = detail::all_signals(g), all_above = detail::all_signals(above);
  detail::axpby(exec, -1, all_g, 1, all_above);
  const double gradients_apart =
      detail::relative(domain.length(exec, all_above), domain.length(exec, all_g));
  const double error = detail::gradient_error(
      exec, domain,
      [&](const auto& z) { return detail::total(fidelity.fn(exec, z, y, operators)); }, at, g,
      above, below);
  return operators.communicator().agree("check_gradient", [&] {
    return detail::combined({{error, tolerance, CheckedProperty::gradient},
                             {values_apart, tolerance, CheckedProperty::value_of_both},
                             {gradients_apart, tolerance, CheckedProperty::gradient_of_both}});
  });
}

}  // namespace misfit
