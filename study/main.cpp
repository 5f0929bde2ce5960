// SPDX-License-Identifier: BSD-3-Clause

// Times one call of misfit on many ranks: a problem by its name, for people, or cases, for scripts.

#include "problem/options.hpp"
#include "problem/run_problem.hpp"
#include "scaling/many_cases.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

int main(int argc, char* argv[]) {
  const auto any = [&](auto&& what) { return std::any_of(argv + 1, argv + argc, what); };
  if (any([](std::string_view word) { return word.starts_with(misfit::bench::case_option); }))
    return misfit::bench::run_many_cases(argc, argv);
  // Before MPI starts, which may not be possible where one reads this; and Kokkos would print its
  // own.
  if (any([](std::string_view word) { return word == "--help" || word == "-h"; })) {
    std::fputs(misfit::study::usage().c_str(), stdout);
    return 0;
  }
  return misfit::study::run_problem(argc, argv);
}
