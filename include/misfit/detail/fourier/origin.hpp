// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/views/upload.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace misfit::detail {

/// The factors of the entries of a spectrum that move the origin of its image: the transform of an
/// image whose coordinates are counted from c, at frequencies counted from c, is that of its
/// entries times Π e^{2πi (k − c) c / n}: signs where all n are even. Where c is 0 that is 1.
template <typename T, typename Space>
class OriginPhases {
  using R = Real<T>;

 public:
  OriginPhases() = default;

  /// With c = `grid.origin`. Blocks.
  explicit OriginPhases(const FftGrid& grid) {
    bool real = true;
    std::vector<T> phases;
    for (int d = 0; d < 3; ++d) {
      const std::int64_t n = grid.n[d], c = grid.origin[d];
      real = real && (c == 0 || 2 * c == n);
      for (std::int64_t k = 0; k < n; ++k) {
        // Reduced before the angle, so that it is right to rounding; halves and wholes exactly.
        const std::int64_t turns = ((k - c + n) % n) * c % n;
        const double angle =
            2 * std::numbers::pi * static_cast<double>(turns) / static_cast<double>(n);
        const double sign = turns == 0 ? 1 : -1;
        phases.push_back(turns == 0 || 2 * turns == n
                             ? make_scalar<T>(sign, 0)
                             : make_scalar<T>(std::cos(angle), std::sin(angle)));
      }
    }
    if (real) {
      std::vector<R> signs;
      for (const T& z : phases) signs.push_back(z.real());
      signs_ = in_space<Space>(signs, "misfit::Fourier::signs");
    } else {
      phases_ = in_space<Space>(phases, "misfit::Fourier::phases");
    }
  }

  /// body(factors of the first dimension, behind them those of the others), real or complex.
  template <typename Body>
  void use(const Body& body) const {
    if (signs_.size() > 0)
      body(signs_.data());
    else
      body(phases_.data());
  }

 private:
  Kokkos::View<const R*, Space> signs_;
  Kokkos::View<const T*, Space> phases_;  // where one of the signs is none
};

}  // namespace misfit::detail
