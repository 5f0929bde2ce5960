// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/mixed.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

// Of Views of rank 1 without gaps. What they call is compiled once, in core/, for the default
// execution space.

template <typename V>
inline constexpr bool has_no_gaps = static_cast<std::size_t>(V::rank) == 1 &&
                                    !std::is_same_v<typename V::array_layout, Kokkos::LayoutStride>;

template <typename Exec, typename T>
double dot_of(const Exec& exec, std::size_t n, const T* a, const T* b) {
  return wide_sum(
      exec, "misfit::dot", n, KOKKOS_LAMBDA(const std::int64_t j) {
        const T u = a[j], v = b[j];
        if constexpr (is_complex<T>)
          return static_cast<double>(u.real()) * v.real() +
                 static_cast<double>(u.imag()) * v.imag();
        else
          return static_cast<double>(u) * v;
      });
}

template <typename Exec, typename T>
void axpby_of(const Exec& exec, std::size_t n, double alpha, const T* x, double beta, T* y) {
  const auto a = static_cast<Real<T>>(alpha), b = static_cast<Real<T>>(beta);
  if (beta == 0)
    for_entries(exec, "misfit::axpby", n, KOKKOS_LAMBDA(const std::int64_t j) { y[j] = a * x[j]; });
  else
    for_entries(
        exec, "misfit::axpby", n,
        KOKKOS_LAMBDA(const std::int64_t j) { y[j] = a * x[j] + b * y[j]; });
}

template <typename Exec, typename T>
void copy_of(const Exec& exec, std::size_t n, const T* x, T* y) {
  for_entries(exec, "misfit::copy", n, KOKKOS_LAMBDA(const std::int64_t j) { y[j] = x[j]; });
}

template <typename Exec, typename T>
void fill_of(const Exec& exec, std::size_t n, T value, T* y) {
  for_entries(exec, "misfit::fill", n, KOKKOS_LAMBDA(const std::int64_t j) { y[j] = value; });
}

// Where ranks have agreed, as in solvers, nothing may take memory: std::string takes none for
// labels of at most 15 characters.
template <typename Exec, typename T>
void zero_times_of(const Exec& exec, std::size_t n, const T* x, T* g) {
  for_entries(
      exec, "misfit::zeros", n,
      KOKKOS_LAMBDA(const std::int64_t j) { g[j] = static_cast<Real<T>>(0) * x[j]; });
}

template <typename Exec, typename T>
double zero_or_nan_of(const Exec& exec, std::size_t n, const T* x) {
  return wide_sum(
      exec, "misfit::finite", n, KOKKOS_LAMBDA(const std::int64_t j) { return zero_or_nan(x[j]); });
}

/// Re⟨a, b⟩, summed in double. Blocks.
template <typename Exec, typename A, typename B>
double dot(const Exec& exec, const A& a, const B& b) {
  static_assert(has_no_gaps<A> && has_no_gaps<B>);
  return dot_of<Exec, typename A::non_const_value_type>(exec, a.extent(0), a.data(), b.data());
}

/// y = alpha x + beta y; where beta is 0, y need not be initialised. Asynchronous on `exec`.
template <typename Exec, typename X, typename Y>
void axpby(const Exec& exec, double alpha, const X& x, double beta, const Y& y) {
  static_assert(has_no_gaps<X> && has_no_gaps<Y>);
  axpby_of<Exec, typename Y::value_type>(exec, y.extent(0), alpha, x.data(), beta, y.data());
}

/// y = x, both in memory that kernels on `exec` reach. Asynchronous on `exec`. (Kokkos::deep_copy
/// is compiled anew for each pair of types of Views, and takes a fifth of the time of a program.)
template <typename Exec, typename X, typename Y>
void copy(const Exec& exec, const X& x, const Y& y) {
  static_assert(has_no_gaps<X> && has_no_gaps<Y>);
  copy_of<Exec, typename Y::value_type>(exec, y.extent(0), x.data(), y.data());
}

/// All entries of y are `value`. Asynchronous on `exec`.
template <typename Exec, typename Y>
void fill(const Exec& exec, const typename Y::value_type& value, const Y& y) {
  static_assert(has_no_gaps<Y>);
  fill_of<Exec, typename Y::value_type>(exec, y.extent(0), value, y.data());
}

/// Sets g = 0 · x, which is 0 where x is finite and NaN where it is not: with it, no call gives a
/// finite answer for an x that is not finite. Asynchronous on `exec`.
template <typename Exec, typename X, typename G>
void zero_times(const Exec& exec, const X& x, const G& g) {
  static_assert(has_no_gaps<X> && has_no_gaps<G>);
  zero_times_of<Exec, typename G::value_type>(exec, x.extent(0), x.data(), g.data());
}

/// u = factor Re(w) ∘ u, entry by entry. Asynchronous on `exec`.
template <typename Exec, typename W, typename U>
void weight_entries(const Exec& exec, double factor, const W& w, const U& u) {
  using R = Real<typename U::value_type>;
  const auto scale = static_cast<R>(factor);
  for_entries(
      exec, "misfit::weight_entries", u.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
        u(j) = scale * static_cast<R>(real_part(w(j))) * u(j);
      });
}

/// 0 if all entries of `x` are finite, else NaN. Blocks.
template <typename Exec, typename X>
double zero_or_nan_of(const Exec& exec, const X& x) {
  static_assert(has_no_gaps<X>);
  return zero_or_nan_of<Exec, typename X::non_const_value_type>(exec, x.extent(0), x.data());
}

/// Number `index` of the sequence `seed`, in [-1, 1).
KOKKOS_INLINE_FUNCTION double random_number(std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t z = mixed(seed * 0xd1342543de82ef95ULL + (index + 1) * 0x9e3779b97f4a7c15ULL);
  return static_cast<double>(z >> 11) * (2.0 / 9007199254740992.0) - 1.0;
}

template <typename Exec, typename T>
void fill_random_at(const Exec& exec, std::size_t n, T* x, std::uint64_t seed) {
  for_entries(
      exec, "misfit::random", n, KOKKOS_LAMBDA(const std::int64_t j) {
        const auto k = 2 * static_cast<std::uint64_t>(j);
        x[j] = make_scalar<T>(random_number(seed, k), random_number(seed, k + 1));
      });
}

/// Fills `x` with numbers in [-1, 1) that depend on `seed` and the index alone: the same for every
/// number of ranks and threads. Asynchronous on `exec`.
template <typename Exec, typename X>
void fill_random(const Exec& exec, const X& x, std::uint64_t seed) {
  static_assert(has_no_gaps<X>);
  fill_random_at<Exec, typename X::value_type>(exec, x.extent(0), x.data(), seed);
}

/// The largest |x_j|², in double; 0 if there are no entries. Blocks.
template <typename Exec, typename X>
double largest_squared_abs(const Exec& exec, const X& x) {
  double largest = 0;
  Kokkos::parallel_reduce(
      "misfit::largest", range(exec, x.extent(0)),
      KOKKOS_LAMBDA(const std::int64_t j, double& most) {
        const double now = squared_abs(x(j));
        if (now > most) most = now;
      },
      Kokkos::Max<double>(largest));
  return largest > 0 ? largest : 0;
}

/// The largest entry of a real `x`, 0 if it has none above, ∞ if one is NaN. Blocks.
template <typename Exec, typename X>
double largest_of(const Exec& exec, const X& x) {
  double largest = 0;
  Kokkos::parallel_reduce(
      "misfit::largest", range(exec, x.extent(0)),
      KOKKOS_LAMBDA(const std::int64_t j, double& most) {
        const double now = x(j);
        if (!(now <= most)) most = now == now ? now : HUGE_VAL;
      },
      Kokkos::Max<double>(largest));
  return largest > 0 ? largest : 0;
}

#define MISFIT_BLAS1(prefix, Exec, T)                                                    \
  prefix template double dot_of(const Exec&, std::size_t, const T*, const T*);           \
  prefix template void axpby_of(const Exec&, std::size_t, double, const T*, double, T*); \
  prefix template void copy_of(const Exec&, std::size_t, const T*, T*);                  \
  prefix template void fill_of(const Exec&, std::size_t, T, T*);                         \
  prefix template void zero_times_of(const Exec&, std::size_t, const T*, T*);            \
  prefix template double zero_or_nan_of(const Exec&, std::size_t, const T*);             \
  prefix template void fill_random_at(const Exec&, std::size_t, T*, std::uint64_t);
MISFIT_FOR_SCALARS(MISFIT_BLAS1, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
