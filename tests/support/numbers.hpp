// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Serial arithmetic in long double, compiled with optimisation where the tests that use it are not.

#include <complex>
#include <cstddef>
#include <vector>

namespace reference {

using Number = std::complex<long double>;
using Numbers = std::vector<Number>;

/// ⟨a, b⟩ = Σ conj(a) b.
Number dot(const Numbers& a, const Numbers& b);

long double norm(const Numbers& a);

Numbers difference(const Numbers& a, const Numbers& b);

/// Adds A^H A, row-major, for a matrix of these columns.
void add_gram(const std::vector<Numbers>& columns, Numbers& gram);

/// The largest eigenvalue of a positive semi-definite Hermitian matrix, by Jacobi's method.
double largest_eigenvalue(Numbers gram, std::size_t n);

}  // namespace reference
