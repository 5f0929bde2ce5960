// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The numbers in the comments of headers: computed, written as there, and looked for there.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>

using Exec = Kokkos::DefaultExecutionSpace;
using Complex = Kokkos::complex<double>;

template <typename T>
using View = misfit::Vector<T>;

template <typename T>
View<T> view(std::initializer_list<T> entries) {
  View<T> made("entries", entries.size());
  const auto host = Kokkos::create_mirror_view(made);
  std::size_t j = 0;
  for (const T entry : entries) host(j++) = entry;
  Kokkos::deep_copy(made, host);
  return made;
}

inline std::string text(double number) {
  if (std::isinf(number)) return number > 0 ? "+∞" : "−∞";
  if (std::abs(number) < 1e-8) return "0";
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.4g", std::abs(number));
  return (number < 0 ? "−" : "") + std::string(digits);
}

inline std::string text(const Complex& number) {
  if (std::abs(number.imag()) < 1e-8) return text(number.real());
  const std::string sign = number.imag() < 0 ? "−" : "+";
  const double size = std::abs(number.imag());
  const std::string i = std::abs(size - 1) < 1e-8 ? "i" : text(size) + "i";
  if (std::abs(number.real()) < 1e-8) return number.imag() < 0 ? sign + i : i;
  return text(number.real()) + " " + sign + " " + i;
}

template <typename T, typename... Properties>
std::string text(const Kokkos::View<T*, Properties...>& entries) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, entries);
  std::string list = "(";
  for (std::size_t j = 0; j < host.extent(0); ++j) list += (j > 0 ? ", " : "") + text(host(j));
  return list + ")";
}

/// The comments for the reference pages in a header of include/misfit, as one line.
inline std::string comments_of(const std::string& header) {
  std::ifstream file(std::string(MISFIT_HEADERS) + "/" + header);
  std::string comments;
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find("/// ");
    if (begin != std::string::npos) comments += line.substr(begin + 4) + " ";
  }
  return comments;
}

inline void expect_said(const std::string& header, const std::string& sentence) {
  const bool said = comments_of(header).find(sentence) != std::string::npos;
  EXPECT_TRUE(said) << header << " does not say: " << sentence;
}

/// What `header` says of a distance at u and y, with γ = 1.
template <typename D>
void expect_distance(const std::string& header, const std::string& name, const D& distance,
                     std::initializer_list<double> u_entries,
                     std::initializer_list<double> y_entries) {
  const Exec exec;
  const auto u = view(u_entries), y = view(y_entries);
  const View<double> result("result", u.extent(0));
  std::string said = "For " + name + ", u = " + text(u) + " and y = " + text(y) +
                     ": d = " + text(misfit::value(exec, distance, u, y));
  if constexpr (misfit::DifferentiableDistance<D, double, Exec>) {
    misfit::gradient(exec, distance, u, y, result);
    said += ", ∇d = " + text(result);
  }
  if constexpr (misfit::ProximableDistance<D, double, Exec>) {
    misfit::prox(exec, distance, 1.0, u, y, result);
    said += ", prox_d(u) = " + text(result);
  }
  expect_said(header, said + ".");
}

/// What `header` says of an operator at x: A x and A^H A x, or A(x) and J(x)^H A(x).
template <typename Y = void, typename Op, typename X>
void expect_operator(const std::string& header, const std::string& name, const Op& op, const X& x) {
  using T = typename X::non_const_value_type;
  using Range = std::conditional_t<std::is_void_v<Y>, T, Y>;
  const Exec exec;
  const View<Range> y("y", op.range_size());
  const View<T> back("back", op.domain_size());
  op.apply(exec, misfit::Vector<const T>(x), y);
  constexpr bool linear = misfit::LinearOperator<Op, T, Range, Exec>;
  if constexpr (linear)
    op.add_adjoint(exec, misfit::Vector<const Range>(y), back);
  else
    op.add_vjp(exec, misfit::Vector<const T>(x), misfit::Vector<const Range>(y), back);
  exec.fence();
  expect_said(header, "For " + name + " and x = " + text(x) + ": " + (linear ? "A x" : "A(x)") +
                          " = " + text(y) + ", " + (linear ? "A^H A x" : "J(x)^H A(x)") + " = " +
                          text(back) + ".");
}
