// SPDX-License-Identifier: BSD-3-Clause

// Conjugate gradients where squares of numbers leave their range, though the solution is in it.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>

namespace {

using misfit::test::Exec;
using misfit::test::on_host;

constexpr std::size_t n = 6;
constexpr int count = 3;

template <typename T>
Kokkos::View<T*> filled(double value) {
  const Kokkos::View<T*> v("v", n);
  Kokkos::deep_copy(v, T(value));
  return v;
}

/// i + 1 times a, so that x = 1/a fits data i + 1, of which each entry is measured three times.
template <typename T>
void expect_solved(double a, double size_of_data) {
  SCOPED_TRACE("A ~ " + std::to_string(std::log10(a)) + ", y ~ " +
               std::to_string(std::log10(size_of_data)) + " (decimal logarithms)");
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, count, [=](int i) { return misfit::Mask{filled<T>(a * (i + 1))}; });
  const auto y = operators.measurements([=](int i) { return filled<T>(size_of_data * (i + 1)); });
  const Kokkos::View<T*> x("x", n);
  constexpr double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-10;
  const auto result = operators.least_squares(exec, y, x, {.tolerance = tolerance});
  EXPECT_TRUE(result.converged) << result.residual;
  EXPECT_EQ(result.iterations, 1);
  for (const T entry : on_host(x))
    EXPECT_NEAR(static_cast<double>(entry) / size_of_data * a, 1, tolerance);
}

TEST(ExtremeScales, of_data) {
  for (const double size : {1e-300, 1e-170, 1e-162, 1e-150, 1.0, 1e150, 1e200, 1e300})
    expect_solved<double>(1, size);
  for (const double size : {1e-35, 1e-20, 1e20, 1e36}) expect_solved<float>(1, size);
}

TEST(ExtremeScales, of_operators) {
  for (const double a : {1e-140, 1e-100, 1e-20, 1e20, 1e100, 1e140}) expect_solved<double>(a, 1);
  for (const double a : {1e-18, 1e-15, 1e-14, 1e13, 1e18}) expect_solved<float>(a, 1);
  expect_solved<float>(1e-10, 1e-12);
}

TEST(ExtremeScales, of_signals_of_one_batch) {
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, count, [](int i) { return misfit::Mask{filled<double>(i + 1)}; });
  const double sizes[] = {1e-200, 1.0, 0.0, 1e200};
  const auto y = operators.measurements([&](int i) {
    const Kokkos::View<double**> all("y", 4, n);
    for (std::size_t b = 0; b < 4; ++b)
      Kokkos::deep_copy(Kokkos::subview(all, b, Kokkos::ALL), sizes[b] * (i + 1));
    return all;
  });
  const Kokkos::View<double**> x("x", 4, n);
  EXPECT_TRUE(operators.least_squares(exec, y, x, {.tolerance = 1e-10}).converged);
  for (std::size_t b = 0; b < 4; ++b)
    for (const double entry : on_host(Kokkos::subview(x, b, Kokkos::ALL)))
      EXPECT_NEAR(entry, sizes[b], 1e-10 * sizes[b]);
}

// Of v = 0 and three y alike: 3 γ y / (1 + 3 γ).
TEST(ExtremeScales, of_a_prox) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, count,
                                              [](int) { return misfit::Identity(n); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0});
  for (const double size : {1e-300, 1e-170, 1.0, 1e200}) {
    const auto y = operators.measurements([=](int) { return filled<double>(size); });
    const auto v = filled<double>(0), result = filled<double>(7);
    EXPECT_TRUE(fidelity.prox(exec, 1.0, v, y, operators, result, {.tolerance = 1e-10}).converged);
    for (const double entry : on_host(result)) EXPECT_NEAR(entry / size, 0.75, 1e-9) << size;
  }
}

}  // namespace
