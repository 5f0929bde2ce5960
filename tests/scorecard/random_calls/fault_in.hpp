// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Parts of fault_in().

#include "scorecard/random_calls/problem.hpp"
#include "scorecard/random_calls/runner.hpp"

#include <string>

namespace misfit::test::random_calls {

/// What is said of a number that is off by more than `most`.
std::string differ(const char* what, std::size_t at, Wide found, Wide expected, long double most);

/// What is wrong with the result of a linear solver, or of a prox on the dual problem.
std::string fault_in_solution(const Problem& p, const CallSpec& call, const Outcome& o);
std::string fault_in_prox(const Problem& p, const CallSpec& call, const Outcome& o);

}  // namespace misfit::test::random_calls
