// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Transforms of images of several shapes, from their definition.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/shape.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace fourier_transforms {

using misfit::Origin;
using misfit::Shape;
using reference::Numbers;

using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;

/// Even, odd and mixed extents; blocks of lines that are full, and cut; extents of 1; primes.
inline std::vector<Shape> shapes() {
  return {{8, 10},    {7, 9},    {6, 9},     {1, 5},    {5, 1},  {12},
          {4, 6, 10}, {3, 5, 7}, {4, 5, 18}, {1, 1, 1}, {17, 34}};
}
/// Large enough for several blocks of lines, and groups of rows, with what is left over; extents of
/// which FFTW transforms many lines at once, and others.
inline std::vector<Shape> large_shapes() {
  return {{33, 64}, {32, 131}, {37, 128}, {130, 32}, {3, 20, 75}, {5, 67, 25}, {18, 4, 70}};
}
inline constexpr Origin origins[] = {Origin::centre, Origin::corner};

/// The definition, in long double. Entries of x that are 0 cost nothing.
inline Numbers transform(const Shape& shape, Origin origin, const Numbers& x) {
  const auto coordinate = [&](std::size_t& flat, std::size_t d) {
    const auto n = static_cast<long long>(shape[d]);
    const auto entry = static_cast<long long>(flat % shape[d]);
    flat /= shape[d];
    return entry - (origin == Origin::centre ? n / 2 : 0);
  };
  std::vector<std::size_t> support;
  for (std::size_t j = 0; j < x.size(); ++j)
    if (x[j] != Numbers::value_type(0)) support.push_back(j);
  Numbers y(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (const std::size_t j : support) {
      long double turns = 0;
      std::size_t of_k = k, of_j = j;
      for (std::size_t d = shape.rank(); d-- > 0;) {
        const auto n = static_cast<long long>(shape[d]);
        const long long product = coordinate(of_k, d) * coordinate(of_j, d);
        turns += static_cast<long double>(product % n) / static_cast<long double>(n);
      }
      y[k] += x[j] * std::polar(1.0L, -2 * std::numbers::pi_v<long double> * turns);
    }
    y[k] /= std::sqrt(static_cast<long double>(x.size()));
  }
  return y;
}

/// Errors of a transform are of the order ε log N of the norm of its input, √N of its entries.
template <typename T>
constexpr long double tolerance() {
  return 50 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();
}

/// m ∘ y.
inline Numbers masked(const Numbers& m, Numbers y) {
  for (std::size_t q = 0; q < y.size(); ++q) y[q] *= m[q];
  return y;
}

inline std::string text(const Shape& shape, Origin origin) {
  return shape.text() + (origin == Origin::centre ? ", centre" : ", corner");
}

}  // namespace fourier_transforms
