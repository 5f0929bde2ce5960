// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/parameter.hpp>
#include <misfit/solver.hpp>

#include <string>

namespace misfit::detail {

/// Throws ArgumentError on every rank unless `options` are valid and the same on all: options that
/// differ would let some ranks iterate on alone. Collective.
inline void agree_on(const Communicator& communicator, const char* name,
                     const SolverOptions& options) {
  communicator.together(
      {name,
       {{"max_iterations", options.max_iterations},
        {"the fingerprint of the tolerance", fingerprint(&options.tolerance, sizeof(double))}}},
      [&](Place&) {
        non_negative(options.tolerance, "tolerance");
        if (options.max_iterations < 0)
          throw ArgumentError("max_iterations: is " + std::to_string(options.max_iterations));
      });
}

}  // namespace misfit::detail
