// SPDX-License-Identifier: BSD-3-Clause

// The formulas of distances, once more, and how far they move when u does.

#include "scorecard/random_calls/problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace misfit::test::random_calls {

namespace {

constexpr long double anything = std::numeric_limits<long double>::infinity();

/// w |u − y|² / 2.
DistanceEntry weighted(long double w, Wide u, Wide y, long double e) {
  const long double size = std::abs(u - y);
  return {w * size * size / 2,
          w * std::norm(std::abs(u) + std::abs(y)) / 2,
          w * e * (size + e),
          w * (u - y),
          w * e,
          false};
}

DistanceEntry l1(Wide u, Wide y, long double e) {
  const long double size = std::abs(u - y);
  DistanceEntry d{size, std::abs(u) + std::abs(y), e, size == 0 ? Wide(0) : (u - y) / size, 0,
                  false};
  if (e > 0) d.gradient_bound = size > 2 * e ? 2 * e / (size - e) : 2;
  return d;
}

DistanceEntry huber(long double delta, Wide u, Wide y, long double e) {
  const long double size = std::abs(u - y);
  const long double value = size <= delta ? size * size / 2 : delta * (size - delta / 2);
  const Wide gradient = size <= delta ? u - y : delta / size * (u - y);
  return {value,
          delta * (std::abs(u) + std::abs(y) + delta),
          std::min(size + e, delta) * e,
          gradient,
          e,
          false};
}

DistanceEntry poisson(long double gain, long double background, long double u, long double y,
                      long double e) {
  const long double mu = u / gain + background, r = e / gain, lowest = mu - r;
  DistanceEntry d;
  d.outside = mu < 0 || (mu == 0 && y > 0);
  if (d.outside) {
    d.value = anything;
    if (mu + r >= 0) d.value_bound = d.gradient_bound = anything;
    return d;
  }
  const long double logs = y == 0 ? 0 : y * std::log(y / mu);
  d.value = mu - y + logs;
  d.size = mu + y + std::abs(logs);
  d.gradient = (1 - (y == 0 ? 0 : y / mu)) / gain;
  if (lowest <= 0 && y > 0) {
    d.value_bound = d.gradient_bound = anything;
    return d;
  }
  d.gradient_bound = y == 0 ? 0 : e * y / (gain * gain * lowest * lowest);
  d.value_bound = e * (std::abs(d.gradient) + d.gradient_bound);
  return d;
}

DistanceEntry log_poisson(long double n0, long double mu, long double u, long double y,
                          long double e) {
  const long double here = std::exp(-mu * u), there = std::exp(-mu * y);
  DistanceEntry d{n0 * (here + mu * u * there), n0 * (here + mu * std::abs(u) * there),     0,
                  n0 * mu * (there - here),     n0 * mu * mu * std::exp(-mu * (u - e)) * e, false};
  d.value_bound = e * (std::abs(d.gradient) + d.gradient_bound);
  return d;
}

DistanceEntry amplitude(long double epsilon, long double u, long double y, long double e) {
  DistanceEntry d;
  d.outside = u < 0 || y < 0;
  if (d.outside || u <= 2 * e) {
    d.value = d.outside ? anything : 0;
    if (!d.outside || u + e >= 0) d.value_bound = d.gradient_bound = anything;
    return d;
  }
  const long double difference = std::sqrt(u) - std::sqrt(y), lowest = u - e;
  d.value = difference * difference;
  d.size = 2 * (u + y);
  d.gradient = 1 - std::sqrt(y / (u + epsilon));
  d.gradient_bound = e * std::sqrt(y) / 2 / ((lowest + epsilon) * std::sqrt(lowest + epsilon));
  d.value_bound = e * (1 + std::sqrt(y / lowest));
  return d;
}

}  // namespace

DistanceEntry entry_of(const DistanceOf& d, std::size_t j, Wide u, Wide y, long double e) {
  switch (d.kind) {
    case Distance::l2:
      return weighted(1 / (static_cast<long double>(d.sigma) * d.sigma), u, y, e);
    case Distance::weighted:
      return weighted(d.parameters[j], u, y, e);
    case Distance::l1:
      return l1(u, y, e);
    case Distance::huber:
      return huber(d.delta, u, y, e);
    case Distance::poisson:
      return poisson(d.gain, d.background, u.real(), y.real(), e);
    case Distance::poisson_view:
      return poisson(d.gain, d.parameters[j], u.real(), y.real(), e);
    case Distance::log_poisson:
      return log_poisson(d.n0, d.mu, u.real(), y.real(), e);
    case Distance::amplitude:
      return amplitude(d.epsilon, u.real(), y.real(), e);
    default:
      return {};
  }
}

}  // namespace misfit::test::random_calls
