// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Images that are dark but for a few points, and a blur for them.

#include "support/matrix_operator.hpp"

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <random>

namespace dark_images {

template <typename T, typename Function>
Kokkos::View<T*> filled(std::size_t n, Function&& function) {
  const Kokkos::View<T*> view("view", n);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < n; ++j) host(j) = static_cast<T>(function(j));
  Kokkos::deep_copy(view, host);
  return view;
}

/// A few bright points, all else 0.
template <typename T>
Kokkos::View<T*> dark_image(std::size_t n) {
  std::mt19937 engine(3);
  return filled<T>(n, [&](std::size_t j) { return engine() % 97 == 0 || j == 1 ? 1000.0 : 0.0; });
}

/// exp(−(p² + q²) / 4) for |p|, |q| ≤ 3, normalised.
template <typename T>
Kokkos::View<T**> spot() {
  const Kokkos::View<T**> kernel("kernel", 7, 7);
  const auto host = Kokkos::create_mirror_view(kernel);
  double sum = 0;
  const auto at = [](int i, int j) {
    return std::exp(-((i - 3) * (i - 3) + (j - 3) * (j - 3)) / 4.0);
  };
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j) sum += at(i, j);
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j) host(i, j) = static_cast<T>(at(i, j) / sum);
  Kokkos::deep_copy(kernel, host);
  return kernel;
}

template <typename T, typename Op>
Kokkos::View<T*> apply(const Op& op, const Kokkos::View<T*>& x) {
  const Kokkos::View<T*> y("y", op.range_size());
  op.apply(misfit::test::Exec{}, Kokkos::View<const T*>(x), y);
  misfit::test::Exec{}.fence();
  return y;
}

/// How many entries are below 0.
template <typename V>
int negative(const V& view) {
  int count = 0;
  for (const auto v : misfit::test::on_host(view)) count += v < 0;
  return count;
}

}  // namespace dark_images
