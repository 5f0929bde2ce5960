// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/solver.hpp>

namespace misfit::detail {

/// Throws ArgumentError on every rank unless `options` are valid and the same on all: options that
/// differ would let some ranks iterate on alone. So must `fact` be, something else that the solver
/// is told, and `check(context)`, which throws if that is not valid, and may do more that can
/// throw. Collective.
void agree_on(const CollectiveCalls& calls, const char* name, const SolverOptions& options,
              const Fact& fact, Work check);

}  // namespace misfit::detail
