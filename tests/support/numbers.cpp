// SPDX-License-Identifier: BSD-3-Clause
#include <support/numbers.hpp>

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

/// Makes entry (p, q) of a Hermitian matrix, and its mirror, zero.
void rotate(Numbers& gram, std::size_t n, std::size_t p, std::size_t q) {
  const Number off = gram[p * n + q];
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

}  // namespace

Number dot(const Numbers& a, const Numbers& b) {
  Number sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += std::conj(a[j]) * b[j];
  return sum;
}

long double norm(const Numbers& a) { return std::sqrt(dot(a, a).real()); }

Numbers difference(const Numbers& a, const Numbers& b) {
  Numbers out(a.size());
  for (std::size_t j = 0; j < a.size(); ++j) out[j] = a[j] - b[j];
  return out;
}

void add_gram(const std::vector<Numbers>& columns, Numbers& gram) {
  const std::size_t n = columns.size();
  gram.resize(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) gram[i * n + j] += dot(columns[i], columns[j]);
}

double largest_eigenvalue(Numbers gram, std::size_t n) {
  long double trace = 0;
  for (std::size_t j = 0; j < n; ++j) trace += gram[j * n + j].real();
  // n times that changes no eigenvalue by an eps of double: the trace is at least the largest one.
  const long double negligible = 1e-18L * trace;
  bool rotated = true;
  for (int sweep = 0; sweep < 30 && rotated; ++sweep) {
    rotated = false;
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        if (std::abs(gram[p * n + q]) <= negligible) continue;
        rotate(gram, n, p, q);
        rotated = true;
      }
  }
  long double largest = 0;
  for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, gram[j * n + j].real());
  return static_cast<double>(largest);
}

}  // namespace reference
