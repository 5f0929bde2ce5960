// SPDX-License-Identifier: BSD-3-Clause

// The prox of distances that are not quadratic, once more: by the accelerated gradient method on
// the dual problem, to the digits of long double, and how far misfit's may be from it.

#include "scorecard/random_calls/fault_in.hpp"

#include <algorithm>
#include <cmath>

namespace misfit::test::random_calls {

namespace {

constexpr long double gamma_of_calls = 0.5L;
constexpr int most_iterations = 2000;

long double length(const Numbers& all) {
  long double sum = 0;
  for (const Wide& z : all) sum += std::norm(z);
  return std::sqrt(sum);
}

/// argmin_u step d(u, y) + ½ |u − w|².
Wide prox_entry(const DistanceOf& d, std::size_t j, long double step, Wide w, Wide y) {
  const Wide residual = w - y;
  const long double size = std::abs(residual);
  const auto moved = [&](long double by) { return w - by / size * residual; };
  if (d.kind == Distance::l1) return size <= step ? y : moved(step);
  if (d.kind == Distance::huber) {
    const long double delta = d.delta;
    return size <= delta * (1 + step) ? (w + step * y) / (1 + step) : moved(step * delta);
  }
  // Poisson: the larger root of g² μ² + (step − g w') μ … with μ = u/g + β, w' = w + g β.
  const long double g = d.gain, shift = g * (d.parameters.empty() ? d.background : d.parameters[j]),
                    p = w.real() + shift - step / g;
  const long double root = (p + std::sqrt(p * p + 4 * step * y.real())) / 2;
  return std::max(root, 0.0L) - shift;
}

/// The numbers of a step: all measurements of one signal, one operator behind the other.
struct Dual {
  Dual(const Problem& problem, std::size_t signal, const Wide* v_of_signal)
      : p(problem),
        b(signal),
        v(v_of_signal, v_of_signal + problem.of().unknowns()),
        step(gamma_of_calls * problem.factor()) {
    const auto norm = static_cast<long double>(problem.norm_squared());
    curvature = norm > 0 ? norm : 1;
  }

  Numbers apply(const Numbers& x) const {
    Numbers z;
    for (int i = 0; i < p.of().operators; ++i) {
      const Matrix& m = p.matrix(i);
      for (std::size_t r = 0; r < m.rows; ++r) {
        z.emplace_back();
        for (std::size_t k = 0; k < m.columns; ++k) z.back() += m.at(r, k) * x[k];
      }
    }
    return z;
  }
  /// v − A^H q.
  Numbers primal(const Numbers& q) const {
    Numbers x = v;
    std::size_t at = 0;
    for (int i = 0; i < p.of().operators; ++i) {
      const Matrix& m = p.matrix(i);
      for (std::size_t r = 0; r < m.rows; ++r, ++at)
        for (std::size_t k = 0; k < m.columns; ++k) x[k] -= std::conj(m.at(r, k)) * q[at];
    }
    return x;
  }
  Numbers prox(const Numbers& w) const {
    Numbers u = w;
    std::size_t at = 0;
    for (int i = 0; i < p.of().operators; ++i) {
      const std::size_t m = p.matrix(i).rows;
      const DistanceOf& d = p.distance(i);
      const Wide* const y = &p.y(i)[b * m];
      if (d.kind == Distance::indicator)
        project(d.radius, y, m, &u[at]);
      else
        for (std::size_t j = 0; j < m; ++j)
          u[at + j] = prox_entry(d, j, step * curvature, w[at + j], y[j]);
      at += m;
    }
    return u;
  }
  static void project(long double radius, const Wide* y, std::size_t m, Wide* u) {
    long double squares = 0;
    for (std::size_t j = 0; j < m; ++j) squares += std::norm(u[j] - y[j]);
    const long double shrink = radius / std::max(radius, std::sqrt(squares));
    for (std::size_t j = 0; j < m; ++j) u[j] = y[j] + shrink * (u[j] - y[j]);
  }

  const Problem& p;
  std::size_t b;
  Numbers v;
  long double step, curvature = 1;
};

/// x, and what says how near it is: A x is within `off` of a u with x = v − A^H q, q in γ ∂f(u).
struct Solution {
  Numbers x, q;
  long double off = 0, size = 0;
};

Solution solve(const Dual& dual) {
  Numbers last(dual.apply(dual.v).size()), at = last;
  long double t = 1;
  Solution s;
  for (int k = 0; k < most_iterations; ++k) {
    Numbers w = dual.apply(dual.primal(at));
    for (std::size_t j = 0; j < w.size(); ++j) w[j] += dual.curvature * at[j];
    const Numbers u = dual.prox(w);
    Numbers next(w.size()), difference(w.size());
    for (std::size_t j = 0; j < w.size(); ++j) next[j] = (w[j] - u[j]) / dual.curvature;
    s.x = dual.primal(next);
    const Numbers z = dual.apply(s.x);
    long double turn = 0;
    for (std::size_t j = 0; j < w.size(); ++j) {
      difference[j] = z[j] - u[j];
      turn += (std::conj(at[j] - next[j]) * (next[j] - last[j])).real();
    }
    s.q = next;
    s.off = length(difference);
    s.size = std::max(length(z), length(u));
    if (s.off <= 1e-14L * s.size) break;
    const long double grown = turn > 0 ? 1 : (1 + std::sqrt(1 + 4 * t * t)) / 2;
    const long double beta = turn > 0 ? 0 : (t - 1) / grown;
    t = grown;
    for (std::size_t j = 0; j < w.size(); ++j) at[j] = next[j] + beta * (next[j] - last[j]);
    last = next;
  }
  return s;
}

/// Of few unknowns and operators.
constexpr double largest_residual = 1e-2;

}  // namespace

/// With x = v − A^H q and q in γ ∂f(u), |A x − u| ≤ r, and the same of x', q', u', r': γ ∂f is
/// monotone, so that |x − x'|² ≤ |q − q'| (r + r'). misfit says its r, relative to |A x| or
/// |A v|; its q is not known, and taken to be no longer than a few of the other.
std::string fault_in_prox(const Problem& p, const CallSpec& call, const Outcome& o) {
  const auto n = static_cast<std::size_t>(p.of().unknowns());
  const auto batch = static_cast<std::size_t>(p.of().signals());
  if (o.numbers.size() != n * batch || o.values.size() != batch) return "other size";
  for (std::size_t b = 0; b < batch; ++b) {
    const Dual dual(p, b, &p.x(call.point)[b * n]);
    const Solution right = solve(dual);
    Numbers difference(n);
    for (std::size_t j = 0; j < n; ++j) {
      const auto& z = o.numbers[b * n + j];
      difference[j] = Wide(z.real(), z.imag()) - right.x[j];
    }
    const long double rounding = 64 * p.epsilon() * (length(dual.v) + right.size + 1);
    const long double size = std::max(right.size, length(dual.apply(dual.v)));
    const long double off = o.values[b] * size + right.off + rounding * std::sqrt(dual.curvature);
    const long double most = std::sqrt(8 * length(right.q) * off) + 64 * rounding;
    if (!(o.values[b] >= 0 && o.values[b] <= largest_residual))
      return differ("residual of signal", b, o.values[b], 0, largest_residual);
    if (!(length(difference) <= most))
      return differ("distance from the prox of signal", b, length(difference), 0, most);
  }
  return "";
}

}  // namespace misfit::test::random_calls
