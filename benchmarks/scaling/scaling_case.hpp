// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/problem.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace misfit::bench {

/// One point of a scaling study, as the command line says it: FAMILY/SERIES/OPERATORS/SIZE/CALL.
struct ScalingCase {
  std::string name;
  std::string family;
  bool weak = false;  ///< `operators` is of each rank, not of all
  int operators = 0;
  int size = 0;  ///< its meaning is the family's
  Call call = Call::fn_and_grad;

  int operators_of_all(int ranks) const { return weak ? operators * ranks : operators; }
};

/// Throws std::invalid_argument for what is none.
ScalingCase parse_case(std::string_view text);

/// What a study needs of a problem, whatever its family.
struct ScalingProblem {
  std::function<void(Call, Scope)> run;
  /// Bytes or operations, whichever limits the family, of a rank with `operators` of them.
  std::function<double(Call, double operators)> work;
  /// Hand-written programs that do the same end to end; each runs once. Made when asked for.
  std::function<std::vector<std::function<void()>>()> twins;
  double operators_here = 0;
  double gradient_bytes = 0;
};

/// Makes the problem of `c`, with `operators` of all ranks. Collective.
using MakeProblem = std::function<ScalingProblem(const ScalingCase& c, int operators)>;

/// The maker of a family. Throws std::invalid_argument for a name that there is not.
MakeProblem family_named(const std::string& name);

}  // namespace misfit::bench
