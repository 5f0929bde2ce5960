// SPDX-License-Identifier: BSD-3-Clause

// Kinds of bad input × entry points × on which ranks: every rank must throw the same error.
//
// Not here, for they are no input of a call that is refused: entries of x that are not finite (no
// finite result), ranks without operators (right), other memory spaces and const outputs (do not
// compile), files, lost ranks, ranks that never come, memory that runs out, objects that outlive
// MPI, two threads. On ranks without the fault an output may hold something else after an error,
// since ranks agree when their own part is done.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/runner.hpp"
#include "scorecard/check.hpp"

#include <misfit/misfit.hpp>

namespace {

misfit::test::Cases all_cases() {
  misfit::test::Cases cases;
  for (const auto add :
       {misfit::test::add_arguments, misfit::test::add_options, misfit::test::add_orders,
        misfit::test::add_callbacks, misfit::test::add_operators, misfit::test::add_distances,
        misfit::test::add_partitions, misfit::test::add_communicators, misfit::test::add_slabs})
    add(cases);
  return cases;
}

}  // namespace

int main(int argc, char* argv[]) {
  const auto taken = misfit::test::taken_before_mpi();
  const misfit::Session session(argc, argv);
  misfit::test::Check check(argc, argv);
  if (!check.canary()) check.tried(taken.empty(), "a communicator is taken before MPI runs");
  {
    const auto cases = all_cases();
    misfit::test::Runner runner(check);
    const std::size_t step = check.quick() ? 17 : 1;
    for (std::size_t k = 0; k < cases.size(); k += step) runner.run(cases[k]);
  }
  return check.finish();
}
