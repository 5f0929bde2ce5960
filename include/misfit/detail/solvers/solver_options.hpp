// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/sums/parameter.hpp>
#include <misfit/solver.hpp>

#include <string>

namespace misfit::detail {

/// Throws ArgumentError on every rank unless `options` are valid and the same on all: options that
/// differ would let some ranks iterate on alone. So must `fact` be, something else that the solver
/// is told, and `check(context)`, which throws if that is not valid, and may do more that can throw.
/// Collective.
template <typename Check>
void agree_on(const Communicator& communicator, const char* name, const SolverOptions& options,
              const Fact& fact, Check&& check) {
  communicator.together(
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

inline void agree_on(const Communicator& communicator, const char* name,
                     const SolverOptions& options) {
  agree_on(communicator, name, options, {}, [](ErrorContext&) {});
}

}  // namespace misfit::detail
