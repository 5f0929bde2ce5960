// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/problem.hpp"

#include <misfit/distribution_plan.hpp>
#include <misfit/placement.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace misfit::bench {

/// How the work of a case grows with the ranks.
enum class Series {
  strong,     ///< not at all
  weak,       ///< with them: more operators or, where these are in parts, larger ones
  throughput  ///< every rank has a problem of its own, with all operators
};

/// How operators and signals lie on the ranks.
enum class Form {
  replicated,  ///< an operator on one rank, x on every rank
  split,       ///< an operator on several ranks, x on every rank
  slabs,       ///< x in slabs, and every operator with it
  members      ///< x in slabs over the ranks of a member, an operator in one member
};

/// One point of a scaling study, as the command line says it:
/// FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM.
struct ScalingCase {
  std::string name;
  std::string family;
  Series series = Series::strong;
  int operators = 0;
  int size = 0;  ///< its meaning is the family's
  Call call = Call::fn_and_grad;
  Form form = Form::replicated;
  int ranks_per_member = 1;  ///< with Form::members

  bool in_slabs() const { return form == Form::slabs || form == Form::members; }
  /// n on `ranks` ranks.
  int operators_of_all(int ranks) const;
  /// How many times as many rows an operator in parts has as on one rank.
  int growth(int ranks) const;
  /// Whether `placement` is the form of this case on `ranks` ranks.
  bool is_placed_by(const Placement& placement, int ranks) const;
};

/// Throws std::invalid_argument for what is none.
ScalingCase parse_case(std::string_view text);

/// What a study needs of a problem, whatever its family and form.
struct ScalingProblem {
  std::function<void(Call, Scope)> run;
  /// Bytes or operations, whichever limits the family, of a rank with `operators` of them.
  std::function<double(Call, double operators)> work;
  /// Hand-written programs that do the same end to end; each runs once. Made when asked for.
  std::function<std::vector<std::function<void()>>()> twins;
  double operators_here = 0;  ///< of this rank, parts as fractions
  double operator_bytes = 0;  ///< that they hold in Views, on this rank
  ProblemSizes sizes;         ///< without costs
  DistributionPlan plan;
};

/// Makes the problem of `c`, with `operators` of all ranks. Collective. Throws
/// std::invalid_argument, on all ranks, for a form that the family has not.
using MakeProblem = std::function<ScalingProblem(const ScalingCase& c, int operators)>;

/// The maker of the family of `c`. Throws std::invalid_argument for a family that there is not, or
/// one that cannot have the form of `c`.
MakeProblem maker_of(const ScalingCase& c);

}  // namespace misfit::bench
