// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every distance with a gradient, with data that keep its kinks away from A x.

#include "scorecard/catalogue/catalogue.hpp"

#include <misfit/detail/base/scalar.hpp>

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

/// Of data of T. Everything is made from u = A_i x of the operator that it is for.
template <typename T>
struct NamedDistance {
  using Vector = Kokkos::View<T*>;
  std::string name;
  std::function<AnyDistance<T>(const Vector& u)> make;
  std::function<T(const T& u, std::size_t j)> data;
  bool needs_positive = false;
};

/// Residuals on both sides of Huber's 0.6, none of them near it or near 0.
template <typename T>
T away_from_kinks(const T& u, std::size_t j) {
  constexpr double sizes[] = {0.2, 1.1, 0.35, 1.7, 0.25};
  const double sign = j % 3 == 1 ? -1 : 1, angle = 0.8 * static_cast<double>(j);
  if constexpr (detail::is_complex<T>)
    return u +
           detail::make_scalar<T>(sizes[j % 5] * std::cos(angle), sizes[j % 5] * std::sin(angle));
  else
    return static_cast<T>(u + sign * sizes[j % 5]);
}

template <typename T>
double lowest(const Kokkos::View<T*>& u) {
  double low = 0;
  for (std::size_t j = 0; j < u.extent(0); ++j) low = std::fmin(low, static_cast<double>(u(j)));
  return low;
}

/// Those of counts and intensities: μ is 1 at least, and every sixth count is 0.
template <typename T>
void add_of_counts(std::vector<NamedDistance<T>>& all) {
  using Vector = Kokkos::View<T*>;
  const auto near = [](const T& u, std::size_t j) {
    return j % 6 == 5 ? T(0)
                      : static_cast<T>(std::abs(u) * (0.5 + 0.2 * static_cast<double>(j % 5)));
  };
  // Far from u, where the gradient is not small beside the value.
  const auto signed_data = [](const T& u, std::size_t j) {
    return static_cast<T>(u + 20 - 15 * static_cast<double>(j % 4 == 3));
  };
  all.push_back(
      {"Poisson", [](const Vector& u) { return Poisson{0.7, 1 - lowest(u) / 0.7}; }, near});
  all.push_back({"Poisson with a background for each",
                 [](const Vector& u) {
                   const Vector background("background", u.extent(0));
                   for (std::size_t j = 0; j < u.extent(0); ++j)
                     background(j) =
                         static_cast<T>(1 + 0.1 * static_cast<double>(j % 3) -
                                        std::fmin(0.0, static_cast<double>(u(j))) / 0.7);
                   return Poisson{0.7, background};
                 },
                 near});
  all.push_back({"Weighted Poisson",
                 [](const Vector& u) { return Weighted{Poisson{0.7, 1 - lowest(u) / 0.7}, 1.7}; },
                 near});
  all.push_back({"LogPoisson", [](const Vector&) { return LogPoisson{100, 0.05}; }, signed_data});
  all.push_back({"Amplitude", [](const Vector&) { return Amplitude{}; }, near, true});
}

template <typename T>
std::vector<NamedDistance<T>> distances() {
  using Vector = Kokkos::View<T*>;
  using R = detail::Real<T>;
  std::vector<NamedDistance<T>> all;
  const auto data = [](const T& u, std::size_t j) { return away_from_kinks(u, j); };
  all.push_back({"L2", [](const Vector&) { return L2{0.7}; }, data});
  all.push_back({"WeightedL2",
                 [](const Vector& u) { return WeightedL2{numbers<R>(3, u.extent(0), 0)}; }, data});
  all.push_back({"L1", [](const Vector&) { return L1{}; }, data});
  all.push_back({"Huber", [](const Vector&) { return Huber{0.6}; }, data});
  all.push_back({"Weighted Huber", [](const Vector&) { return Weighted{Huber{0.6}, 2.5}; }, data});
  all.push_back({"Zero", [](const Vector&) { return Zero{}; }, data});
  if constexpr (!detail::is_complex<T>) add_of_counts(all);
  return all;
}

}  // namespace misfit::test
