// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/matrix_operator.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace misfit::test {

/// What a plain serial loop in long double says of R_i |A_i x − y_i|² / (2σ_i²) and its gradient,
/// and the same sums with every term replaced by its absolute value: what rounding errors are
/// proportional to.
struct Oracle {
  std::vector<long double> value, value_bound;
  std::vector<Complex> gradient;
  std::vector<long double> gradient_bound;
};

/// The problem of the tests: operator i is M_i, or M_i followed by squaring, with ragged numbers of
/// rows.
template <typename T>
struct Problem {
  std::size_t batch, unknowns;
  bool squared;

  static std::size_t rows(int i) { return 3 + static_cast<std::size_t>(i * 5 % 7); }
  static double sigma(int i) { return 0.5 + 0.25 * static_cast<double>(i % 3); }
  static std::size_t data_seed(int i) { return 20 + static_cast<std::size_t>(i); }

  /// Over the operators in `indices`; `scale` multiplies everything (1/n for a mean).
  Oracle evaluate(const std::vector<int>& indices, long double scale, bool own_sigmas) const {
    Oracle oracle;
    oracle.value.assign(batch, 0);
    oracle.value_bound.assign(batch, 0);
    oracle.gradient.assign(batch * unknowns, Complex(0, 0));
    oracle.gradient_bound.assign(batch * unknowns, 0);
    for (const int i : indices) {
      const auto sigma_i = static_cast<long double>(own_sigmas ? sigma(i) : sigma(0));
      for (std::size_t b = 0; b < batch; ++b) add(oracle, i, b, scale / (sigma_i * sigma_i));
    }
    return oracle;
  }

 private:
  void add(Oracle& oracle, int i, std::size_t b, long double weight) const {
    const auto k = static_cast<std::size_t>(i);
    const auto m = rows(i);
    for (std::size_t r = 0; r < m; ++r) {
      Complex u(0, 0);
      long double u_bound = 0;
      for (std::size_t c = 0; c < unknowns; ++c) {
        const auto term =
            widen(entry<T>(50 + k, r * unknowns + c)) * widen(entry<T>(1, b * unknowns + c));
        u += term;
        u_bound += std::abs(term);
      }
      const Complex derivative = squared ? 2.0L * std::conj(u) : Complex(1, 0);
      const auto derivative_bound = squared ? 2 * u_bound : 1;
      if (squared) {
        u *= u;
        u_bound *= u_bound;
      }
      const auto y = widen(entry<T>(data_seed(i), b * m + r));
      const auto residual = u - y;
      const auto residual_bound = u_bound + std::abs(y);
      oracle.value[b] += weight * std::norm(residual) / 2;
      oracle.value_bound[b] += weight * residual_bound * residual_bound / 2;
      for (std::size_t c = 0; c < unknowns; ++c) {
        const auto a = widen(entry<T>(50 + k, r * unknowns + c));
        oracle.gradient[b * unknowns + c] += weight * std::conj(a) * derivative * residual;
        oracle.gradient_bound[b * unknowns + c] +=
            weight * std::abs(a) * derivative_bound * residual_bound;
      }
    }
  }
};

}  // namespace misfit::test
