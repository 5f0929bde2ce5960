// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/solvers/solver_options.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/error.hpp>

#include <string>

namespace misfit::detail {

void agree_on(const CollectiveCalls& calls, const char* name, const SolverOptions& options,
              const Fact& fact, Work check) {
  calls.together(
      {name,
       {{"max_iterations", options.max_iterations},
        {"the fingerprint of the tolerance", fingerprint(&options.tolerance, sizeof(double))},
        fact}},
      [&](ErrorContext& context) {
        check(context);
        non_negative(options.tolerance, "tolerance");
        if (options.max_iterations < 0)
          throw ArgumentError("max_iterations: is " + std::to_string(options.max_iterations));
      });
}

}  // namespace misfit::detail
