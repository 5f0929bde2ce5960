// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/products.hpp"
#include "support/numbers.hpp"

#include <misfit/partition.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace misfit::test::random_calls {

namespace {

constexpr long double infinity = std::numeric_limits<long double>::infinity();

/// y of operator i, signal by signal.
Numbers data_of(const Case& c, int i, std::size_t rows, Distance kind) {
  Numbers y(static_cast<std::size_t>(c.signals()) * rows);
  for (std::size_t j = 0; j < y.size(); ++j) {
    y[j] = entry(c, object(Object::y, i), j);
    // Counts, some of them 0.
    if (kind == Distance::poisson || kind == Distance::poisson_view)
      y[j] = j % 5 == 3 ? 0.0L : 4.0L * y[j].real();
  }
  return y;
}

}  // namespace

Problem::Problem(const Case& c) : case_(c), at_(points + 1) {
  for (int i = 0; i < c.operators; ++i) {
    matrices_.push_back(matrix_of(c, i));
    distances_.push_back(distance_parameters(c, i, matrices_.back().rows));
    y_.push_back(data_of(c, i, matrices_.back().rows, distances_.back().kind));
  }
  for (int point = 0; point <= points; ++point) {
    Numbers x(static_cast<std::size_t>(c.signals() * c.unknowns()));
    for (std::size_t j = 0; j < x.size(); ++j)
      x[j] = (point == points ? -64.0L : 1.0L) * entry(c, object(Object::x, point), j);
    x_.push_back(std::move(x));
  }
  const auto n = c.operators;
  std::vector<double> costs;
  for (int i = 0; i < n; ++i) {
    costs.push_back(1 + i % 3);
    if (c.share == Share::owners) {
      Random random(c.data + 31 * static_cast<std::uint64_t>(i));
      owners_.push_back(random.below(c.ranks));
    }
  }
  if (c.share == Share::blocks) owners_ = Partition::blocks(n).owners(c.ranks);
  if (c.share == Share::round_robin) owners_ = Partition::round_robin(n).owners(c.ranks);
  if (c.share == Share::balanced) owners_ = Partition::balanced(costs).owners(c.ranks);
}

std::vector<int> Problem::owned_by(int rank) const {
  std::vector<int> all;
  for (int i = 0; i < case_.operators; ++i)
    if (owners_[static_cast<std::size_t>(i)] == rank) all.push_back(i);
  return all;
}

long double Problem::epsilon() const {
  return case_.type == Type::f || case_.type == Type::cf ? 0x1p-23L : 0x1p-52L;
}

const Expected& Problem::at(int point) const {
  auto& known = at_[static_cast<std::size_t>(point)];
  if (known.empty()) known.push_back(evaluate(x(point)));
  return known[0];
}

const Expected& Problem::over_some(int point) const {
  const auto [known, fresh] = over_some_.try_emplace(point);
  if (fresh) {
    const Some some = some_at(case_, point);
    known->second = evaluate(x(point), &some);
  }
  return known->second;
}

long double Problem::factor() const {
  return case_.mean && case_.operators > 0 ? 1.0L / case_.operators : 1.0L;
}

Expected Problem::evaluate(const Numbers& x, const Some* some) const {
  const auto n = static_cast<std::size_t>(case_.unknowns()),
             batch = static_cast<std::size_t>(case_.signals());
  const long double eps = epsilon();
  long double factor = this->factor();
  if (some != nullptr && some->unbiased)
    factor *= static_cast<long double>(case_.operators) /
              static_cast<long double>(std::max<std::size_t>(some->indices.size(), 1));
  Expected e{std::vector<long double>(batch),
             std::vector<long double>(batch),
             Numbers(batch * n),
             std::vector<long double>(batch * n),
             std::vector<bool>(matrices_.size()),
             {},
             {}};
  e.each.resize(matrices_.size() * batch);
  e.each_bounds.resize(e.each.size());
  std::size_t rows = 0;
  for (const Matrix& m : matrices_) rows += m.rows;
  const auto terms = static_cast<long double>(rows + matrices_.size() + 16);
  Numbers u;
  std::vector<long double> u_bounds;
  for (std::size_t i = 0; i < matrices_.size(); ++i)
    for (std::size_t b = 0; b < batch; ++b) {
      if (some != nullptr && !some->has(static_cast<int>(i))) continue;
      const Matrix& m = matrices_[i];
      long double &value = e.each[i * batch + b], &bound = e.each_bounds[i * batch + b];
      multiply(m, &x[b * n], eps, u, u_bounds);
      Numbers back(m.rows);
      std::vector<long double> back_bounds(m.rows);
      long double squares = 0;
      for (std::size_t j = 0; j < m.rows; ++j) {
        const long double length = std::abs(u[j]);
        const Wide v = m.squares ? u[j] * u[j] : u[j];
        const long double off =
            m.squares ? (2 * length + u_bounds[j]) * u_bounds[j] + 4 * eps * length * length
                      : u_bounds[j];
        const Wide y = y_[i][b * m.rows + j];
        squares += std::norm(v - y);
        const DistanceEntry d = entry_of(distances_[i], j, v, y, off);
        value += d.value;
        bound += d.value_bound + terms * 0x1p-52L * d.size;
        if (d.outside) e.outside[i] = true;
        const long double slope = std::abs(d.gradient);
        back[j] = d.gradient;
        back_bounds[j] = d.gradient_bound + 8 * eps * (slope + 1);
        if (m.squares) {
          back_bounds[j] = 2 * length * back_bounds[j] + 2 * u_bounds[j] * slope;
          back[j] *= 2.0L * std::conj(u[j]);
        }
      }
      if (distances_[i].kind == Distance::indicator) {
        const long double length = std::sqrt(squares), radius = distances_[i].radius;
        if (length > radius) value = infinity;
        if (std::abs(length - radius) <= 64 * eps * terms * (1 + length)) bound = infinity;
      }
      e.values[b] += factor * value;
      e.value_bounds[b] += factor * bound;
      add_adjoint(m, back, back_bounds, factor, eps * terms, eps, &e.gradient[b * n],
                  &e.gradient_bounds[b * n]);
    }
  return e;
}

Expected Problem::gradient_of_zeros() const {
  const auto size = static_cast<std::size_t>(case_.signals() * case_.unknowns());
  Expected e;
  e.gradient.resize(size);
  e.gradient_bounds.resize(size);
  return e;
}

long double Problem::rounding_of_sums() const {
  std::size_t rows = 0;
  for (const Matrix& m : matrices_) rows += m.rows;
  return epsilon() * static_cast<long double>(rows + matrices_.size() + 16);
}

Expected Problem::adjoint(const Numbers* x, const std::vector<Numbers>* r) const {
  const auto n = static_cast<std::size_t>(case_.unknowns()),
             batch = static_cast<std::size_t>(case_.signals());
  const long double eps = epsilon();
  Expected e = gradient_of_zeros();
  const long double terms = rounding_of_sums();
  Numbers u;
  std::vector<long double> u_bounds;
  for (std::size_t i = 0; i < matrices_.size(); ++i)
    for (std::size_t b = 0; b < batch; ++b) {
      const Matrix& m = matrices_[i];
      Numbers back(m.rows);
      std::vector<long double> bounds(m.rows);
      if (x != nullptr) multiply(m, &(*x)[b * n], eps, u, u_bounds);
      for (std::size_t j = 0; j < m.rows; ++j) {
        back[j] = r == nullptr ? u[j] : (*r)[i][b * m.rows + j];
        if (r == nullptr) bounds[j] = u_bounds[j];
        if (m.squares) {
          bounds[j] = 2 * u_bounds[j] * std::abs(back[j]);
          back[j] *= 2.0L * std::conj(u[j]);
        }
      }
      add_adjoint(m, back, bounds, 1, terms, eps, &e.gradient[b * n], &e.gradient_bounds[b * n]);
    }
  return e;
}

Expected Problem::forward(int point) const {
  const auto n = static_cast<std::size_t>(case_.unknowns());
  Expected e;
  Numbers u;
  std::vector<long double> bounds;
  for (const Matrix& m : matrices_)
    for (std::size_t b = 0; b < static_cast<std::size_t>(case_.signals()); ++b) {
      multiply(m, &x(point)[b * n], epsilon(), u, bounds);
      for (std::size_t j = 0; j < m.rows; ++j) {
        const long double length = std::abs(u[j]);
        e.gradient.push_back(m.squares ? u[j] * u[j] : u[j]);
        e.gradient_bounds.push_back(m.squares ? (2 * length + bounds[j]) * bounds[j] +
                                                    4 * epsilon() * length * length
                                              : bounds[j]);
      }
    }
  return e;
}

double Problem::norm_squared() const {
  const auto n = static_cast<std::size_t>(case_.unknowns());
  reference::Numbers gram(n * n);
  for (const Matrix& m : matrices_) {
    std::vector<reference::Numbers> columns(n, reference::Numbers(m.rows));
    for (std::size_t c = 0; c < n; ++c)
      for (std::size_t r = 0; r < m.rows; ++r) columns[c][r] = m.at(r, c);
    reference::add_gram(columns, gram);
  }
  return reference::largest_eigenvalue(gram, n);
}

}  // namespace misfit::test::random_calls
