// SPDX-License-Identifier: BSD-3-Clause

// Tridiagonal against matrices whose eigenvectors are known: with d on the diagonal and b beside
// it, those of k rows have the components sqrt(2 / (k + 1)) sin(i m π / (k + 1)), i = 1 … k, to the
// eigenvalues d + 2 b cos(m π / (k + 1)), m = 1 … k.

#include <misfit/detail/solvers/tridiagonal.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace {

using misfit::detail::Tridiagonal;

Tridiagonal of(std::size_t rows, double diagonal, double beside) {
  Tridiagonal matrix;
  matrix.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) matrix.append(diagonal, i > 0 ? beside : 0);
  return matrix;
}

TEST(TridiagonalMatrix, has_the_eigenvalues_and_last_components_that_are_known) {
  for (const std::size_t rows : {1, 2, 3, 8, 21}) {
    Tridiagonal matrix = of(rows, 3, 0.75);
    const double angle = std::numbers::pi / static_cast<double>(rows + 1);
    EXPECT_NEAR(matrix.largest_eigenvalue(), 3 + 1.5 * std::cos(angle), 1e-14);
    for (std::size_t m = 1; m <= rows; ++m) {
      const double of_m = angle * static_cast<double>(m);
      const double last = std::sqrt(2 / static_cast<double>(rows + 1)) *
                          std::abs(std::sin(of_m * static_cast<double>(rows)));
      EXPECT_NEAR(matrix.last_component(3 + 1.5 * std::cos(of_m)), last, 1e-12)
          << rows << " rows, eigenvalue " << m;
    }
  }
}

/// Of a matrix that is nearly diagonal the component is tiny, and right to all its digits.
TEST(TridiagonalMatrix, has_a_tiny_last_component) {
  Tridiagonal matrix;
  matrix.reserve(4);
  matrix.append(4, 0);
  for (const double diagonal : {3.0, 2.0, 1.0}) matrix.append(diagonal, 1e-5);
  // To first order in each step: b / (4 − 3) · b / (4 − 2) · b / (4 − 1).
  EXPECT_NEAR(matrix.last_component(matrix.largest_eigenvalue()) / (1e-15 / 6), 1, 1e-8);
}

}  // namespace
