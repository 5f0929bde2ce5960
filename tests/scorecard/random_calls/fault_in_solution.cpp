// SPDX-License-Identifier: BSD-3-Clause

// Whether solvers solve what they must.

#include "scorecard/random_calls/fault_in.hpp"

#include <cmath>
#include <sstream>

namespace misfit::test::random_calls {

std::string differ(const char* what, std::size_t at, Wide found, Wide expected, long double most) {
  std::ostringstream out;
  out.precision(17);
  out << what << " " << at << " is (" << static_cast<double>(found.real()) << ", "
      << static_cast<double>(found.imag()) << "), must be (" << static_cast<double>(expected.real())
      << ", " << static_cast<double>(expected.imag()) << ") up to " << static_cast<double>(most);
  return out.str();
}

namespace {

long double length(const Numbers& all, std::size_t first, std::size_t n) {
  long double sum = 0;
  for (std::size_t j = 0; j < n; ++j) sum += std::norm(all[first + j]);
  return std::sqrt(sum);
}

}  // namespace

/// What a solver leaves of its equation, against the right-hand side.
std::string fault_in_solution(const Problem& p, const CallSpec& call, const Outcome& o) {
  const auto n = static_cast<std::size_t>(p.of().unknowns());
  const long double most = p.epsilon() > 1e-10L ? 2e-3L : 2e-8L;
  Numbers x;
  for (const auto& z : o.numbers) x.emplace_back(z.real(), z.imag());
  if (x.size() != n * static_cast<std::size_t>(p.of().signals())) return "other size";
  Numbers left, right;
  if (call.name == Name::least_squares) {
    right = p.adjoint(nullptr, &p.measurements()).gradient;
    left = p.adjoint(&x, nullptr).gradient;
    for (std::size_t j = 0; j < x.size(); ++j) left[j] += 0.25L * x[j] - right[j];
  } else {
    right = p.evaluate(Numbers(x.size())).gradient;
    left = p.evaluate(x).gradient;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const Wide v = p.x(call.point)[j];
      left[j] = x[j] - v + 0.5L * left[j];
      right[j] = v - 0.5L * right[j];
    }
  }
  for (std::size_t b = 0; b < x.size(); b += n)
    if (!(length(left, b, n) <= most * length(right, b, n)))
      return differ("residual", b / n, length(left, b, n), 0, most * length(right, b, n));
  return "";
}

}  // namespace misfit::test::random_calls
