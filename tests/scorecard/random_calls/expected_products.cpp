// SPDX-License-Identifier: BSD-3-Clause

// Second derivatives: those of distances by their formulas, once more, and products with that of f.

#include "scorecard/random_calls/products.hpp"

#include <cmath>
#include <limits>

namespace misfit::test::random_calls {

namespace {

constexpr long double anything = std::numeric_limits<long double>::infinity();

/// A number that is off by at most `bound`.
struct Near {
  Wide value = 0;
  long double bound = 0;
};

// Where one is 0, the other may be off by anything.
long double times(long double a, long double b) { return a == 0 || b == 0 ? 0 : a * b; }

Near operator*(const Near& a, const Near& b) {
  return {a.value * b.value, times(std::abs(a.value), b.bound) + times(std::abs(b.value), a.bound) +
                                 times(a.bound, b.bound)};
}

Near rounded(Near a, long double eps) { return {a.value, a.bound + 8 * eps * std::abs(a.value)}; }

}  // namespace

Curvature curvature_of(const DistanceOf& d, std::size_t j, long double size, long double u,
                       long double y, long double e) {
  switch (d.kind) {
    case Distance::l2:
      return {1 / (static_cast<long double>(d.sigma) * d.sigma), 0};
    case Distance::weighted:
      return {d.parameters[j], 0};
    case Distance::huber:
      return {size <= d.delta ? 1.0L : 0.0L, std::abs(size - d.delta) <= 2 * e ? 1.0L : 0.0L};
    case Distance::poisson:
    case Distance::poisson_view: {
      if (y == 0) return {};
      const long double g = d.gain,
                        w = u + g * (d.kind == Distance::poisson ? d.background : d.parameters[j]);
      if (w <= e) return {y / (w * w), anything};
      return {y / (w * w), y / ((w - e) * (w - e)) - y / (w * w)};
    }
    case Distance::log_poisson: {
      const long double mu = d.mu, here = d.n0 * mu * mu * std::exp(-mu * u);
      return {here, here * std::expm1(mu * e)};
    }
    case Distance::amplitude: {
      if (u <= 2 * e) return {0, anything};
      const long double shifted = u + d.epsilon, lowest = shifted - e;
      return {std::sqrt(y / shifted) / shifted / 2,
              0.75L * std::sqrt(y) * e / (lowest * lowest * std::sqrt(lowest))};
    }
    default:
      return {};
  }
}

const Expected& Problem::second_derivative(Name name, int point) const {
  const auto [known, fresh] = second_derivatives_.try_emplace({name, point});
  if (fresh)
    known->second =
        name == Name::diagonal ? diagonal(point) : product(point, name == Name::hessian);
  return known->second;
}

/// J^H D J v, and where operators square what their own second derivative adds: with u = M x and
/// t = M v, J v = 2 u t, and 2 M^H (∇d t) besides. Those that square are real.
Expected Problem::product(int point, bool hessian) const {
  const auto n = static_cast<std::size_t>(case_.unknowns()),
             batch = static_cast<std::size_t>(case_.signals());
  const long double eps = epsilon();
  Expected e = gradient_of_zeros();
  const long double terms = rounding_of_sums();
  Numbers u, t;
  std::vector<long double> u_bounds, t_bounds;
  for (std::size_t i = 0; i < matrices_.size(); ++i)
    for (std::size_t b = 0; b < batch; ++b) {
      const Matrix& m = matrices_[i];
      multiply(m, &x(point)[b * n], eps, u, u_bounds);
      multiply(m, &x(point_of_vector(point))[b * n], eps, t, t_bounds);
      Numbers back(m.rows);
      std::vector<long double> bounds(m.rows);
      for (std::size_t j = 0; j < m.rows; ++j) {
        const Near wave{u[j], u_bounds[j]}, change{t[j], t_bounds[j]}, two{2.0L, 0};
        const Near v = m.squares ? rounded(wave * wave, eps) : wave;
        const Wide y = y_[i][b * m.rows + j];
        const Curvature w = curvature_of(distances_[i], j, std::abs(v.value - y), v.value.real(),
                                         y.real(), v.bound);
        const Near weight = rounded({w.value, w.bound}, eps);
        Near sum = rounded(weight * change, eps);
        if (m.squares) {
          sum = rounded(two * wave * (weight * rounded(two * wave * change, eps)), eps);
          if (hessian) {
            const DistanceEntry d = entry_of(distances_[i], j, v.value, y, v.bound);
            const Near slope{d.gradient, d.gradient_bound + 8 * eps * (std::abs(d.gradient) + 1)};
            const Near more = rounded(two * slope * change, eps);
            sum = {sum.value + more.value, sum.bound + more.bound};
          }
        }
        back[j] = sum.value;
        bounds[j] = sum.bound;
      }
      add_adjoint(m, back, bounds, factor(), terms, eps, &e.gradient[b * n],
                  &e.gradient_bounds[b * n]);
    }
  return e;
}

/// Σ_k w_k |A_kj|².
Expected Problem::diagonal(int point) const {
  const auto n = static_cast<std::size_t>(case_.unknowns()),
             batch = static_cast<std::size_t>(case_.signals());
  const long double eps = epsilon();
  Expected e = gradient_of_zeros();
  Numbers u;
  std::vector<long double> bounds;
  for (std::size_t i = 0; i < matrices_.size(); ++i)
    for (std::size_t b = 0; b < batch; ++b) {
      const Matrix& m = matrices_[i];
      multiply(m, &x(point)[b * n], eps, u, bounds);
      const auto terms = static_cast<long double>(m.rows + matrices_.size() + 16);
      for (std::size_t j = 0; j < m.rows; ++j) {
        const Wide y = y_[i][b * m.rows + j];
        const Curvature w =
            curvature_of(distances_[i], j, std::abs(u[j] - y), u[j].real(), y.real(), bounds[j]);
        for (std::size_t k = 0; k < n; ++k) {
          const long double square = std::norm(m.at(j, k));
          e.gradient[b * n + k] += factor() * w.value * square;
          e.gradient_bounds[b * n + k] += factor() * times(square, w.bound + terms * eps * w.value);
        }
      }
    }
  return e;
}

}  // namespace misfit::test::random_calls
