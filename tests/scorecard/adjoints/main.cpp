// SPDX-License-Identifier: BSD-3-Clause

// The adjoint of every operator is exact, on one rank and summed over ranks; and check_adjoint
// finds those that are not. The figure is the largest |Re⟨A x, y⟩ − Re⟨x, A^H y⟩| / (‖A‖ |x| |y|)
// in double.

#include "scorecard/adjoints/faulty.hpp"
#include "scorecard/catalogue/catalogue.hpp"
#include "scorecard/check.hpp"

#include <misfit/misfit.hpp>

#include <mpi.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::detail::Real;
using misfit::test::Check;
using misfit::test::Exec;
using misfit::test::NamedOperator;

template <typename T>
constexpr bool in_double = std::is_same_v<Real<T>, double>;

/// Re⟨a, b⟩.
template <typename T>
long double dot(const Kokkos::View<T*>& a, const Kokkos::View<T*>& b) {
  long double sum = 0;
  for (std::size_t j = 0; j < a.extent(0); ++j)
    if constexpr (misfit::detail::is_complex<T>)
      sum += static_cast<long double>(a(j).real()) * b(j).real() +
             static_cast<long double>(a(j).imag()) * b(j).imag();
    else
      sum += static_cast<long double>(a(j)) * b(j);
  return sum;
}

template <typename T>
using Operators = misfit::DistributedOperator<misfit::AnyOperator<T>>;

/// ‖A‖.
template <typename T>
double norm(const Operators<T>& operators) {
  return std::sqrt(operators.template norm_squared<T>(Exec{}).value);
}

/// The normalised error of Σ A_i^H y_i, of numbers of both signs.
template <typename T>
double error_of(const Operators<T>& operators, double length, std::uint64_t seed) {
  const auto n = static_cast<std::size_t>(operators.size());
  const auto x = misfit::test::numbers<T>(seed, operators.domain_size(), -0.5);
  std::vector<Kokkos::View<T*>> y, ax;
  long double squares = 0, left = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t m = operators.range_size(static_cast<int>(i));
    y.push_back(misfit::test::numbers<T>(seed + 7 * i + 1, m, -0.5));
    ax.emplace_back("ax", m);
    squares += dot(y[i], y[i]);
  }
  operators.forward(Exec{}, x, ax, misfit::Scope::global);
  for (std::size_t i = 0; i < n; ++i) left += dot(ax[i], y[i]);
  const Kokkos::View<T*> z("z", operators.domain_size());
  operators.adjoint(Exec{}, y, z);
  const long double scale = length * std::sqrt(dot(x, x) * squares);
  if (std::isinf(scale)) return std::nan("");
  return static_cast<double>(std::abs(left - dot(x, z)) / scale);
}

/// Operators of this kind, two a rank, or one alone.
template <typename T>
void check_kind(Check& check, const NamedOperator<T>& kind, const char* type, bool alone) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const Operators<T> operators(MPI_COMM_WORLD, alone ? 1 : 2 * ranks, [&](int i) {
    return kind.make(check.seed() + 100 * static_cast<std::uint64_t>(i));
  });
  const std::string name =
      kind.name + " of " + type + (alone ? "" : ", several, summed over ranks");
  const double length = norm(operators);
  double worst = 0;
  for (int k = 0; k < check.at_most(20, 3); ++k)
    worst = misfit::test::worse(
        worst, error_of(operators, length, check.seed() + 1000 + 31 * std::uint64_t(k)));
  if (in_double<T>) check.figure(worst);
  check.tried(worst <= (in_double<T> ? 1e-14 : 1e-6), name + ": " + std::to_string(worst));
  const auto result = misfit::check_adjoint<T>(Exec{}, operators);
  check.tried(result.passed(), name + ": " + result.text());
}

/// Whether the adjoints differ: conj is no fault in a real operator.
template <typename T>
bool differ(const misfit::AnyOperator<T>& right, const misfit::test::FaultyAdjoint<T>& faulty) {
  const auto y = misfit::test::numbers<T>(5, right.range_size(), -0.5);
  const auto a = misfit::test::numbers<T>(6, right.domain_size());
  const auto b = misfit::test::numbers<T>(6, right.domain_size());
  right.add_adjoint(Exec{}, y, a);
  faulty.add_adjoint(Exec{}, y, b);
  const long double length = dot(a, a);
  for (std::size_t j = 0; j < a.extent(0); ++j) a(j) -= b(j);
  return !(dot(a, a) <= 1e-22L * length);
}

/// Faults that check_adjoint must find; a canary has none in them. Returns how many.
template <typename T>
int check_power(Check& check, const char* type) {
  int k = 0, planted = 0;
  for (const auto& kind : misfit::test::linear_operators<T>())
    for (const auto& [fault, text] : misfit::test::adjoint_faults) {
      if (of_complex_alone(fault) && !misfit::detail::is_complex<T>) continue;
      const auto right = kind.make(check.seed());
      const misfit::test::FaultyAdjoint<T> faulty(right, fault);
      if (!differ(right, faulty) || (check.quick() && ++k % 7 != 0)) continue;
      const misfit::DistributedOperator operators(MPI_COMM_SELF, 1, [&](int) {
        return check.canary() ? right : misfit::AnyOperator<T>(faulty);
      });
      const auto result = misfit::check_adjoint<T>(Exec{}, operators);
      check.tried(!result.passed(),
                  kind.name + " of " + type + ", not found: " + text + ": " + result.text());
      ++planted;
    }
  return planted;
}

template <typename T>
void check_all(Check& check, const char* type) {
  for (const auto& kind : misfit::test::linear_operators<T>())
    for (const bool alone : {true, false}) check_kind(check, kind, type, alone);
}

/// The derivatives of operators that are not linear, against differences.
template <typename T, typename Range>
void check_derivatives(Check& check, const std::vector<NamedOperator<T, Range>>& kinds) {
  for (const auto& kind : kinds)
    for (int k = 0; k < check.at_most(5, 1); ++k) {
      const auto op = kind.make(check.seed() + static_cast<std::uint64_t>(k));
      const auto result = misfit::check_adjoint<T>(Exec{}, op);
      check.tried(result.passed(), kind.name + ": " + result.text());
    }
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  if (!check.canary()) {
    check_all<double>(check, "double");
    check_all<Kokkos::complex<double>>(check, "complex<double>");
    check_all<float>(check, "float");
    check_all<Kokkos::complex<float>>(check, "complex<float>");
    check_derivatives(check, misfit::test::nonlinear_operators());
  }
  const int planted = check_power<double>(check, "double") +
                      check_power<Kokkos::complex<double>>(check, "complex<double>");
  if (!check.quick())
    check.tried(planted >= 100 && !check.canary(), std::to_string(planted) + " faults are planted");
  return check.finish();
}
