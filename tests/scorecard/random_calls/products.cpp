// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/products.hpp"

#include <cmath>

namespace misfit::test::random_calls {

void multiply(const Matrix& m, const Wide* x, long double eps, Numbers& u,
              std::vector<long double>& bounds) {
  u.assign(m.rows, 0);
  bounds.assign(m.rows, 0);
  long double squares = 0;
  for (std::size_t k = 0; k < m.columns; ++k) squares += std::norm(x[k]);
  for (std::size_t r = 0; r < m.rows; ++r) {
    for (std::size_t k = 0; k < m.columns; ++k) {
      u[r] += m.at(r, k) * x[k];
      bounds[r] += m.size(r, k) * std::abs(x[k]);
    }
    bounds[r] *= eps * static_cast<long double>(m.columns + 8);
    bounds[r] += 32 * eps * m.in_fourier_space * std::sqrt(squares);
  }
}

void add_adjoint(const Matrix& m, const Numbers& r, const std::vector<long double>& bounds,
                 long double factor, long double terms_eps, long double eps, Wide* g,
                 long double* g_bounds) {
  long double squares = 0;
  for (std::size_t k = 0; k < m.rows; ++k) squares += std::norm(r[k]);
  for (std::size_t c = 0; c < m.columns; ++c) {
    for (std::size_t k = 0; k < m.rows; ++k) {
      g[c] += factor * std::conj(m.at(k, c)) * r[k];
      const long double size = m.size(k, c);
      if (size > 0) g_bounds[c] += factor * size * (bounds[k] + terms_eps * std::abs(r[k]));
    }
    g_bounds[c] += factor * 32 * eps * m.in_fourier_space * std::sqrt(squares);
  }
}

}  // namespace misfit::test::random_calls
