// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/problem.hpp"

#include <vector>

namespace misfit::test::random_calls {

/// matrix x, and how far rounding may take it: the sum of n products, of which each has a few.
void multiply(const Matrix& m, const Wide* x, long double eps, Numbers& u,
              std::vector<long double>& bounds);

/// Adds factor matrix^H r, of which each entry is off by `bounds`, and has `terms` in its sum.
void add_adjoint(const Matrix& m, const Numbers& r, const std::vector<long double>& bounds,
                 long double factor, long double terms_eps, long double eps, Wide* g,
                 long double* g_bounds);

}  // namespace misfit::test::random_calls
