// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Norms of small operators, computed from their matrices.

#include <misfit/concepts.hpp>

#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace reference {

/// The columns A e_j of an operator from signals of T to measurements of T.
template <typename T, typename A>
std::vector<Numbers> columns_of(const A& a) {
  std::vector<Numbers> columns;
  for (std::size_t j = 0; j < a.domain_size(); ++j) {
    const misfit::Vector<T> unit("unit", a.domain_size());
    Kokkos::deep_copy(Kokkos::subview(unit, j), T(1));
    columns.push_back(numbers(apply<T>(a, unit)));
  }
  return columns;
}

/// Adds A^H A, row-major, for a matrix of these columns.
inline void add_gram(const std::vector<Numbers>& columns, Numbers& gram) {
  const std::size_t n = columns.size();
  gram.resize(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) gram[i * n + j] += dot(columns[i], columns[j]);
}

/// The largest eigenvalue of a positive semi-definite Hermitian matrix, by Jacobi's method.
inline double largest_eigenvalue(Numbers gram, std::size_t n) {
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        const Number off = gram[p * n + q];
        if (std::abs(off) == 0) continue;
        const long double t = 2 * std::abs(off), d = (gram[p * n + p] - gram[q * n + q]).real(),
                          angle = std::atan2(t, d) / 2;
        const Number c = std::cos(angle), s = std::polar(std::sin(angle), std::arg(off));
        for (std::size_t k = 0; k < n; ++k) {
          const Number a = gram[k * n + p], b = gram[k * n + q];
          gram[k * n + p] = c * a + std::conj(s) * b;
          gram[k * n + q] = -s * a + c * b;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const Number a = gram[p * n + k], b = gram[q * n + k];
          gram[p * n + k] = c * a + s * b;
          gram[q * n + k] = -std::conj(s) * a + c * b;
        }
      }
  long double largest = 0;
  for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, gram[j * n + j].real());
  return static_cast<double>(largest);
}

/// ‖A‖².
template <typename T, typename A>
double norm_squared(const A& a) {
  Numbers gram;
  add_gram(columns_of<T>(a), gram);
  return largest_eigenvalue(gram, a.domain_size());
}

}  // namespace reference
