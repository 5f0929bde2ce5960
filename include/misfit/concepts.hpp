// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What operators and distances are, and the options of calls.

#include <misfit/distance_concepts.hpp>
#include <misfit/operator_concepts.hpp>

namespace misfit {

/// What divides the sum over operators: nothing, or their number n.
enum class Reduction { sum, mean };

/// What a result has the same bits for, given the same problem, build and kind of machine. The
/// first name is CCCL's level of determinism of the same meaning.
enum class Sum {
  /// Every call and every run on as many ranks on the same nodes, with any number of threads.
  run_to_run,
  /// That, and any number of ranks, any nodes and any Partition.
  reproducible
};

/// Whose result a call returns: all ranks' together (collective), or this rank's share alone.
enum class Scope { global, local };

}  // namespace misfit
