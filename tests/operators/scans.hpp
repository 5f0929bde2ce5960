// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Scans of an object by a probe, and the waves in their far field from the definition.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/geometry/scan_position.hpp>
#include <misfit/shape.hpp>

#include <gtest/gtest.h>
#include <operators/intensities.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace scans {

using misfit::Origin;
using misfit::ScanPosition;
using misfit::Shape;
using reference::Number;
using reference::Numbers;

using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
using Positions = std::vector<ScanPosition>;

/// Windows that overlap, touch the edges, are the same, or are all there is; even and odd extents;
/// rows of more than one piece.
struct Scan {
  Shape object;
  std::size_t height, width;
  Positions positions;
};
inline std::vector<Scan> all() {
  return {{{9, 11}, 4, 6, {{0, 0}, {2, 1}, {5, 5}, {2, 1}, {0, 5}, {3, 3}}},
          {{9, 11}, 3, 5, {{6, 6}, {0, 0}, {1, 2}, {2, 2}}},
          {{7, 6}, 4, 3, {{0, 0}, {1, 1}, {2, 3}, {3, 0}}},
          {{5, 4}, 5, 4, {{0, 0}}},
          {{5, 4}, 1, 1, {{4, 3}, {0, 0}}},
          {{3, 4200}, 2, 8, {{0, 4090}, {1, 4092}, {1, 4192}, {0, 0}}}};
}
inline constexpr Origin origins[] = {Origin::centre, Origin::corner};

template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> probe_of(std::size_t height, std::size_t width) {
  return misfit::test::batch_of<T>(7, height, width);
}

/// The definition, in long double.
inline Numbers waves(const Scan& s, Origin origin, const Numbers& p, const Numbers& x) {
  const std::size_t h = s.height, w = s.width;
  const auto counted = [&](std::size_t k, std::size_t n) {
    return static_cast<long double>(k) -
           static_cast<long double>(origin == Origin::centre ? n / 2 : 0);
  };
  const auto turn = [&](std::size_t k, std::size_t j, std::size_t n) {
    const auto turns = counted(k, n) * counted(j, n) / static_cast<long double>(n);
    return std::polar(1.0L, -2 * std::numbers::pi_v<long double> * turns);
  };
  Numbers y;
  for (const auto& [row, column] : s.positions)
    for (std::size_t k = 0; k < h; ++k)
      for (std::size_t l = 0; l < w; ++l) {
        Number sum = 0;
        for (std::size_t i = 0; i < h; ++i)
          for (std::size_t j = 0; j < w; ++j) {
            const auto at = (static_cast<std::size_t>(row) + i) * s.object[1] +
                            static_cast<std::size_t>(column) + j;
            sum += p[i * w + j] * x[at] * turn(k, i, h) * turn(l, j, w);
          }
        y.push_back(sum / std::sqrt(static_cast<long double>(h * w)));
      }
  return y;
}

inline std::string text(const Scan& s, Origin origin) {
  return s.object.text() + (origin == Origin::centre ? ", centre" : ", corner");
}

/// Every second row and third column of the positions of a probe of 6 x 8 in an object of 20 x 23.
inline Positions raster() {
  Positions all;
  for (std::int64_t row = 0; row <= 14; row += 2)
    for (std::int64_t column = 0; column <= 15; column += 3) all.push_back({row, column});
  return all;
}

/// Errors of a transform are of the order ε log N of the norm of its input, √N of its entries.
template <typename T>
constexpr long double rounding = 50 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();

}  // namespace scans
