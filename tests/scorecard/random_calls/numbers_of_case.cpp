// SPDX-License-Identifier: BSD-3-Clause

// The numbers of a case: operators as matrices by their formulas, distances' parameters.

#include "scorecard/random_calls/problem.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace misfit::test::random_calls {

namespace {

std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t hash(const Case& c, std::uint64_t object, std::uint64_t j) {
  return mixed(mixed(c.data * 0x9e3779b97f4a7c15ULL + object) + j * 0xd1342543de82ef95ULL);
}

std::size_t size(int n) { return static_cast<std::size_t>(n); }

Matrix zeros(std::size_t rows, std::size_t columns) {
  Matrix m{rows,  columns, Numbers(rows * columns), std::vector<long double>(rows * columns),
           false, 0};
  return m;
}

void add(Matrix& m, std::size_t r, std::size_t c, Wide value) {
  m.entries[r * m.columns + c] += value;
  m.sizes[r * m.columns + c] += std::abs(value);
}

Matrix matrix(const Case& c, Object kind, int i, bool sparse) {
  Matrix m = zeros(size(rows_of(c, i)), size(c.unknowns()));
  for (std::size_t r = 0; r < m.rows; ++r)
    for (std::size_t k = 0; k < m.columns; ++k)
      if (!sparse || is_stored(c, i, static_cast<int>(r), static_cast<int>(k)))
        add(m, r, k, entry(c, object(kind, i), r * m.columns + k));
  return m;
}

Matrix diagonal(const Case& c, Object kind, int i) {
  Matrix m = zeros(size(c.unknowns()), size(c.unknowns()));
  for (std::size_t j = 0; j < m.rows; ++j) add(m, j, j, entry(c, object(kind, i), j));
  return m;
}

/// Where padding finds coordinate `at` of an image of extent n.
int padded(int at, int n, int padding) {
  if (padding == 1) return (at % n + n) % n;
  if (padding == 2) return at < 0 ? -at : at >= n ? 2 * (n - 1) - at : at;
  return std::clamp(at, 0, n - 1);
}

Matrix blur(const Case& c, int i, int padding) {
  const int kh = extent_of(c, i, true), kw = extent_of(c, i, false), h = c.height, w = c.width;
  const bool valid = padding == 0;
  const int out_h = valid ? h - kh + 1 : h, out_w = valid ? w - kw + 1 : w;
  const int ch = valid ? kh - 1 : (kh - 1) / 2, cw = valid ? kw - 1 : (kw - 1) / 2;
  Matrix m = zeros(size(out_h * out_w), size(h * w));
  for (int r = 0; r < out_h; ++r)
    for (int s = 0; s < out_w; ++s)
      for (int p = 0; p < kh; ++p)
        for (int q = 0; q < kw; ++q) {
          const int y = padded(r - p + ch, h, padding), x = padded(s - q + cw, w, padding);
          add(m, size(r * out_w + s), size(y * w + x),
              entry(c, object(Object::op, i), static_cast<std::uint64_t>(p * kw + q)));
        }
  return m;
}

Matrix fourier(const Case& c, int i) {
  const int h = c.height, w = c.width, n = h * w;
  Matrix m = zeros(size(n), size(n));
  const long double turn = -2 * std::numbers::pi_v<long double>, root = std::sqrt((long double)n);
  for (int k = 0; k < n; ++k) {
    const Wide mask = entry(c, object(Object::op, i), static_cast<std::uint64_t>(k));
    m.in_fourier_space = std::max(m.in_fourier_space, std::abs(mask));
    for (int j = 0; j < n; ++j) {
      const long double phase = (long double)((k / w - h / 2) * (j / w - h / 2) % h) / h +
                                (long double)((k % w - w / 2) * (j % w - w / 2) % w) / w;
      add(m, size(k), size(j), mask * std::polar(1 / root, turn * phase));
    }
  }
  return m;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix m = zeros(a.rows, b.columns);
  for (std::size_t r = 0; r < a.rows; ++r)
    for (std::size_t k = 0; k < a.columns; ++k)
      for (std::size_t c = 0; c < b.columns; ++c) {
        m.entries[r * m.columns + c] += a.at(r, k) * b.at(k, c);
        m.sizes[r * m.columns + c] += a.size(r, k) * b.size(k, c);
      }
  return m;
}

/// Of its signals: within so much of y is x = 0.
double longest_y(const Case& c, int i, std::size_t rows) {
  long double longest = 0;
  for (std::size_t b = 0; b < size(c.signals()); ++b) {
    long double squares = 0;
    for (std::size_t j = 0; j < rows; ++j)
      squares += std::norm(entry(c, object(Object::y, i), b * rows + j));
    longest = std::max(longest, std::sqrt(squares));
  }
  return static_cast<double>(longest);
}

}  // namespace

double number(const Case& c, std::uint64_t object, std::uint64_t j) {
  const auto bits = static_cast<int>(hash(c, object, j) >> 40 & 2047);
  if (is_positive(c)) return (64 + bits % 961) / 1024.0;
  return (bits - 1024) / 1024.0;
}

Wide entry(const Case& c, std::uint64_t object, std::uint64_t j) {
  return {number(c, object, 2 * j), c.is_complex() ? number(c, object, 2 * j + 1) : 0.0};
}

int rows_of(const Case& c, int i) { return 1 + (c.rows - 1 + 5 * i) % c.rows; }

int padding_of(const Case& c, int i) {
  const auto choice = static_cast<int>(hash(c, object(Object::inner, i), 77) % 4);
  // What is circular along a cut does not go with other ghost rows.
  return c.form == Form::slabs && choice == 1 ? 3 : choice;
}

int extent_of(const Case& c, int i, bool vertical) {
  const auto choice = static_cast<int>(hash(c, object(Object::inner, i), vertical ? 78 : 79) % 3);
  return 1 + std::min(choice, (vertical ? c.height : c.width) - 1);
}

bool is_stored(const Case& c, int i, int row, int column) {
  return row % c.unknowns() == column ||
         hash(c, object(Object::inner, i), size(row * c.unknowns() + column)) % 3 == 0;
}

Matrix matrix_of(const Case& c, int i) {
  const Kind kind = kind_of(c, i);
  if (kind == Kind::mask) return diagonal(c, Object::op, i);
  if (kind == Kind::blur) return blur(c, i, padding_of(c, i));
  if (kind == Kind::fourier) return fourier(c, i);
  if (kind == Kind::fourier_blur) {
    Matrix m = blur(c, i, 1);
    for (std::size_t k = 0; k < m.columns; ++k) m.in_fourier_space += m.size(0, k);
    return m;
  }
  Matrix m = matrix(c, Object::op, i, kind == Kind::sparse);
  m.squares = kind == Kind::squared || kind == Kind::intensity;
  if (kind == Kind::composed) return product(m, diagonal(c, Object::inner, i));
  if (kind == Kind::scaled)
    for (std::size_t k = 0; k < m.entries.size(); ++k) {
      m.entries[k] *= static_cast<long double>(scale_of_scaled);
      m.sizes[k] *= static_cast<long double>(scale_of_scaled);
    }
  if (kind == Kind::stacked) {
    const Matrix below = diagonal(c, Object::inner, i);
    m.rows += below.rows;
    m.entries.insert(m.entries.end(), below.entries.begin(), below.entries.end());
    m.sizes.insert(m.sizes.end(), below.sizes.begin(), below.sizes.end());
  }
  return m;
}

DistanceOf distance_parameters(const Case& c, int i, std::size_t rows) {
  const int k = c.own ? i : 0;
  DistanceOf d;
  d.kind = distance_of(c, k);
  d.sigma = 0.5 + 0.25 * (k % 3);
  d.delta = 0.25 + 0.25 * (k % 4);
  d.gain = 0.5 + 0.5 * (k % 2);
  d.background = 0.125 * (k % 3);
  d.epsilon = 1.0 / 1024;
  d.radius = k % 3 == 0 ? 4096 : k % 3 == 1 ? 1.05 * longest_y(c, i, rows) : 1.0 / 1024;
  if (d.kind == Distance::weighted || d.kind == Distance::poisson_view)
    for (std::size_t j = 0; j < rows; ++j)
      d.parameters.push_back(0.125 + std::abs(number(c, object(Object::parameter, i), j)));
  return d;
}

}  // namespace misfit::test::random_calls
