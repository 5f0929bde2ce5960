// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The separable distances as the tests use them: each with its formula, written once more, for one
// entry in long double.

#include "support/matrix_operator.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/distances/huber.hpp>
#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/log_poisson.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distances/zero.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace misfit::test {

using Real = long double;

/// An odd number of entries, more than a vector register or a thread's share.
inline constexpr std::size_t entries = 37;

/// u and y of every sign; no residual is 0 (see the test `data`).
struct SignedData {
  template <typename T>
  static T u(std::size_t j) {
    return entry<T>(1, j);
  }
  template <typename T>
  static T y(std::size_t j) {
    return entry<T>(4, j);
  }
};

/// u in [0.4, 2.6] and y in [0.4, 2.6], but 0 in every fifth entry.
struct PositiveData {
  template <typename T>
  static T u(std::size_t j) {
    return entry<T>(1, j) + T(1.5);
  }
  template <typename T>
  static T y(std::size_t j) {
    return j % 5 == 2 ? T(0) : entry<T>(4, j) + T(1.5);
  }
};

/// A positive parameter for entry j, exact in float.
inline double parameter(std::size_t j) { return 0.25 * static_cast<double>(1 + j % 7); }

template <typename T>
Kokkos::View<T*> parameters(std::size_t n) {
  Kokkos::View<T*> view("test parameters", n);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < n; ++j) host(j) = static_cast<T>(parameter(j));
  Kokkos::deep_copy(view, host);
  return view;
}

struct L2Case : SignedData {
  static auto make(std::size_t) { return L2{0.7}; }
  static Real value(std::size_t, Complex u, Complex y) {
    return std::norm(u - y) / (2 * 0.7L * 0.7L);
  }
};

template <typename W>
struct WeightedL2Case : SignedData {
  static auto make(std::size_t n) { return WeightedL2{parameters<W>(n)}; }
  static Real value(std::size_t j, Complex u, Complex y) {
    return parameter(j) * std::norm(u - y) / 2;
  }
};

struct L1Case : SignedData {
  static auto make(std::size_t) { return L1{}; }
  static Real value(std::size_t, Complex u, Complex y) { return std::abs(u - y); }
};

struct HuberCase : SignedData {
  static auto make(std::size_t) { return Huber{0.6}; }
  static Real value(std::size_t, Complex u, Complex y) {
    const Real t = std::abs(u - y), delta = 0.6;
    return t <= delta ? t * t / 2 : delta * (t - delta / 2);
  }
};

template <bool view>
struct PoissonCase : PositiveData {
  static auto make(std::size_t n) {
    if constexpr (view)
      return Poisson{0.5, parameters<double>(n)};
    else
      return Poisson{0.5, 0.125};
  }
  static Real value(std::size_t j, Complex u, Complex y) {
    const Real mu = u.real() / 0.5L + (view ? parameter(j) : 0.125L), counts = y.real();
    if (mu < 0 || (mu == 0 && counts > 0)) return INFINITY;
    return mu - counts + (counts == 0 ? 0 : counts * std::log(counts / mu));
  }
};

struct LogPoissonCase : PositiveData {
  static auto make(std::size_t) { return LogPoisson{100, 0.4}; }
  static Real value(std::size_t, Complex u, Complex y) {
    const Real mu = 0.4;
    return 100 * (std::exp(-mu * u.real()) + mu * u.real() * std::exp(-mu * y.real()));
  }
};

struct AmplitudeCase : PositiveData {
  static auto make(std::size_t) { return Amplitude{}; }
  static Real value(std::size_t, Complex u, Complex y) {
    const Real difference = std::sqrt(u.real()) - std::sqrt(y.real());
    return difference * difference;
  }
};

struct ZeroCase : SignedData {
  static auto make(std::size_t) { return Zero{}; }
  static Real value(std::size_t, Complex, Complex) { return 0; }
};

/// A distance with data of scalar type T.
template <typename C, typename T>
struct With : C {
  using scalar = T;
};

using Float = float;
using ComplexFloat = Kokkos::complex<float>;
using ComplexDouble = Kokkos::complex<double>;

/// The rounding error of one operation in T.
template <typename T>
constexpr Real unit_roundoff() {
  return sizeof(detail::Real<T>) == 4 ? 0x1p-24L : 0x1p-53L;
}

/// The entries function(0), function(1), … as a View.
template <typename T, typename Function>
Kokkos::View<T*> filled(std::size_t n, Function&& function) {
  Kokkos::View<T*> view("test vector", n);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < n; ++j) host(j) = function(j);
  Kokkos::deep_copy(view, host);
  return view;
}

/// The predicted measurement and the data of a case.
template <typename Case, typename T = typename Case::scalar>
struct Pair {
  std::size_t n = entries;
  Kokkos::View<T*> u = filled<T>(n, [](std::size_t j) { return Case::template u<T>(j); });
  Kokkos::View<T*> y = filled<T>(n, [](std::size_t j) { return Case::template y<T>(j); });
};

template <typename T>
bool is_finite(const T& z) {
  const auto wide = widen(z);
  return std::isfinite(wide.real()) && std::isfinite(wide.imag());
}

template <typename V>
bool all_finite(const V& view) {
  for (const auto& z : on_host(view))
    if (!is_finite(z)) return false;
  return true;
}

}  // namespace misfit::test
