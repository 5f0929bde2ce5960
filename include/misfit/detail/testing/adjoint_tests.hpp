// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/testing/check_result.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// The larger of two errors; NaN if one is NaN.
inline double worse(double a, double b) { return std::isnan(a) || a > b ? a : b; }

/// |part| / whole, and 0 where both are 0; NaN, which passes no test, of what is beyond all
/// numbers.
inline double relative(double part, double whole) {
  if (std::isinf(whole)) return std::nan("");
  return part == 0 && whole == 0 ? 0.0 : std::abs(part) / whole;
}

/// |x|. Blocks.
template <typename Exec, typename V>
double length(const Exec& exec, const V& x) {
  return std::sqrt(dot(exec, x, x));
}

/// y = a x + b z, entry by entry; y may be x or z. Asynchronous on `exec`.
template <typename Exec, typename T, typename V>
void combine(const Exec& exec, T a, const V& x, T b, const V& z, const V& y) {
  for_indices(
      exec, "misfit::combine", y.extent(0),
      KOKKOS_LAMBDA(const std::int64_t j) { y(j) = a * x(j) + b * z(j); });
}

/// An operator as its tests see it: from vectors of T to vectors of U.
template <typename T, typename U, typename Exec>
struct TestedOperator {
  using X = Vector<T, typename Exec::memory_space>;
  using Y = Vector<U, typename Exec::memory_space>;

  std::size_t domain_size, range_size;
  bool linear;
  std::function<void(const X& x, const Y& y)> apply;
  std::function<void(const Y& y, const X& x)> add_adjoint;  ///< empty where there is none
  std::function<void(const X& x, const Y& r, const X& g)> add_vjp;
};

/// The same of any operator, which is borrowed.
template <typename T, typename Exec, typename Op>
auto tested(const Exec& exec, const Op& op) {
  using Tested = TestedOperator<T, MeasurementOf<Op, T, Exec>, Exec>;
  using X = typename Tested::X;
  using Y = typename Tested::Y;
  Tested result{static_cast<std::size_t>(op.domain_size()),
                static_cast<std::size_t>(op.range_size()),
                is_linear_on<Exec, X, Y>(op),
                {},
                {},
                {}};
  result.apply = [&](const X& x, const Y& y) { op.apply(exec, as_const_view(x), y); };
  constexpr bool has_adjoint =
      requires(const X& x, const Y& y) { op.add_adjoint(exec, as_const_view(y), x); };
  constexpr bool has_vjp =
      requires(const X& x, const Y& r) { op.add_vjp(exec, as_const_view(x), as_const_view(r), x); };
  static_assert(has_adjoint || has_vjp,
                "misfit: check_adjoint() of an operator without add_adjoint and add_vjp for such "
                "Views");
  if constexpr (has_adjoint)
    result.add_adjoint = [&](const Y& y, const X& x) { op.add_adjoint(exec, as_const_view(y), x); };
  if constexpr (has_vjp)
    result.add_vjp = [&](const X& x, const Y& r, const X& g) {
      op.add_vjp(exec, as_const_view(x), as_const_view(r), g);
    };
  return result;
}

/// The tests of check_adjoint() of one operator, with what they need for it.
template <typename Exec, typename T, typename U>
class AdjointTests {
 public:
  using Tested = TestedOperator<T, U, Exec>;
  using X = typename Tested::X;
  using Y = typename Tested::Y;

  /// At a copy of `x`.
  AdjointTests(const Exec& exec, const Tested& op,
               const Vector<const T, typename Exec::memory_space>& x)
      : exec_(exec), op_(op), at_("misfit::check_adjoint::at", op.domain_size) {
    const std::size_t n = op.domain_size, m = op.range_size;
    require_signals("x", x, 1, n);
    Kokkos::deep_copy(exec, at_, x);
    for (X* v : {&h_, &z_, &g_, &adjoint_}) *v = X("misfit::check_adjoint::x", n);
    for (Y* v : {&r_, &forward_, &work_}) *v = Y("misfit::check_adjoint::y", m);
  }

  CheckResult run() const {
    const bool linear = op_.linear;
    const double dots = linear ? (single ? 1e-6 : 1e-13) : (single ? 2e-3 : 1e-7);
    const double vectors = rounding_of_vectors();
    CheckResult assigned{0, vectors, CheckedProperty::assignment},
        combines{0, vectors, CheckedProperty::linearity},
        adjoins{0, dots, CheckedProperty::adjointness},
        adds{0, vectors, CheckedProperty::accumulation};
    const auto add_to = [](CheckResult& result, double error) {
      result.error = worse(error, result.error);
    };
    const auto test = [&](const AddTransposed& add_transposed, std::uint64_t seed) {
      set_transposed(add_transposed, seed);
      add_to(adjoins, linear ? adjointness() : derivative());
      add_to(adds, accumulation(add_transposed, seed));
    };
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      add_to(assigned, assignment(linear, seed));
      if (linear) add_to(combines, linearity(seed));
      // adjoint() takes add_adjoint, gradients add_vjp where an operator has both.
      if (linear && op_.add_adjoint) test([&](const X& g) { op_.add_adjoint(r_, g); }, seed);
      if (op_.add_vjp) test([&](const X& g) { op_.add_vjp(at_, r_, g); }, seed);
    }
    return linear ? combined({assigned, combines, adjoins, adds})
                  : combined({assigned, adjoins, adds});
  }

 private:
  using AddTransposed = std::function<void(const X& g)>;
  static constexpr bool single = std::is_same_v<Real<T>, float>;

  /// What rounding does to vectors, relatively: a sum of k terms in one chain is wrong by about
  /// u √k, and entries of A x and A^H y are sums of n or m. Scalar products are more exact: the
  /// roundings of their terms cancel.
  double rounding_of_vectors() const {
    const double k = static_cast<double>(std::max(at_.extent(0), r_.extent(0)));
    const double u = 0.5 * static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
    return (single ? 1e-6 : 1e-13) + 10 * u * std::sqrt(k);
  }

  void apply(const X& x, const Y& y) const { op_.apply(x, y); }

  /// |A x − A x| / |A x|, each written over other numbers. What is not finite shows elsewhere.
  double assignment(bool linear, std::uint64_t seed) const {
    fill_random(exec_, h_, seed);
    fill_random(exec_, forward_, seed + 400);
    fill_random(exec_, work_, seed + 500);
    apply(linear ? h_ : at_, forward_);
    apply(linear ? h_ : at_, work_);
    const double whole = length(exec_, forward_);
    if (!std::isfinite(whole) && !std::isfinite(length(exec_, work_))) return 0;
    axpby(exec_, -1, forward_, 1, work_);
    return relative(length(exec_, work_), whole);
  }

  /// |A(a x + b z) − a A x − b A z| / (‖A‖ (|a| |x| + |b| |z|)); a and b are complex where both
  /// x and A x are.
  double linearity(std::uint64_t seed) const {
    using S = typename Y::non_const_value_type;
    const double imaginary = is_complex<T> && is_complex<S> ? 1 : 0;
    const double a[] = {0.7, 0.4 * imaginary}, b[] = {-1.3, 0.9 * imaginary};
    fill_random(exec_, h_, seed);
    fill_random(exec_, z_, seed + 300);
    apply(h_, forward_);
    apply(z_, work_);
    const double length_x = length(exec_, h_), length_z = length(exec_, z_);
    const double norm = worse(relative(length(exec_, forward_), length_x),
                              relative(length(exec_, work_), length_z));
    const double whole =
        norm * (std::hypot(a[0], a[1]) * length_x + std::hypot(b[0], b[1]) * length_z);
    combine(exec_, make_scalar<T>(a[0], a[1]), h_, make_scalar<T>(b[0], b[1]), z_, g_);
    apply(g_, r_);
    combine(exec_, make_scalar<S>(a[0], a[1]), forward_, make_scalar<S>(b[0], b[1]), work_, work_);
    axpby(exec_, -1, r_, 1, work_);
    return relative(length(exec_, work_), whole);
  }

  /// Random h and r, and J^H r.
  void set_transposed(const AddTransposed& add_transposed, std::uint64_t seed) const {
    fill_random(exec_, h_, seed);
    fill_random(exec_, r_, seed + 100);
    Kokkos::deep_copy(exec_, adjoint_, T(0));
    add_transposed(adjoint_);
  }

  /// |Re⟨J h, r⟩ − Re⟨h, J^H r⟩| / (‖J‖ |h| |r|), with J h in forward_.
  double error_of_adjoint() const {
    const double length_h = length(exec_, h_), length_r = length(exec_, r_);
    const double norm = worse(relative(length(exec_, forward_), length_h),
                              relative(length(exec_, adjoint_), length_r));
    return relative(dot(exec_, forward_, r_) - dot(exec_, h_, adjoint_),
                    norm * length_h * length_r);
  }

  double adjointness() const {
    apply(h_, forward_);
    return error_of_adjoint();
  }

  /// The same with J h ≈ (A(x + t h) − A(x − t h)) / (2t): truncation falls and rounding grows with
  /// shorter steps, and the best of several counts.
  double derivative() const {
    const double scale = relative(length(exec_, at_), length(exec_, h_));
    double best = std::nan("");
    for (double t = 1e-1; t > 1e-7; t /= 10) {
      const double step = t * (scale > 0 ? scale : 1);
      axpby(exec_, 1, at_, 0, z_);
      axpby(exec_, step, h_, 1, z_);
      apply(z_, forward_);
      axpby(exec_, -2 * step, h_, 1, z_);
      apply(z_, work_);
      axpby(exec_, -0.5 / step, work_, 0.5 / step, forward_);
      best = std::fmin(best, error_of_adjoint());  // a step may leave the domain: NaN
    }
    return best;
  }

  /// |g − g0 − J^H r| / (|g0| + |J^H r|), where g is g0 after J^H r was added to it.
  double accumulation(const AddTransposed& add_transposed, std::uint64_t seed) const {
    fill_random(exec_, z_, seed + 200);
    Kokkos::deep_copy(exec_, g_, z_);
    add_transposed(g_);
    const double whole = length(exec_, z_) + length(exec_, adjoint_);
    axpby(exec_, -1, z_, 1, g_);
    axpby(exec_, -1, adjoint_, 1, g_);
    return relative(length(exec_, g_), whole);
  }

  const Exec& exec_;
  const Tested& op_;
  X at_, h_, z_, g_, adjoint_;
  Y r_, forward_, work_;
};

#define MISFIT_ADJOINT_TESTS(prefix, Exec, T) prefix template class AdjointTests<Exec, T, T>;
MISFIT_FOR_SCALARS(MISFIT_ADJOINT_TESTS, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
