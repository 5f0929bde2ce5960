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

/// As it stands on the command line, without the number of ranks of a member.
const char* name_of(Form form);

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
  std::function<std::vector<std::function<void()>>()> hand_written;
  /// Sets x to an image, of which each channel has as many numbers, and y to what the operators
  /// make of it, with noise of deviation σ. Collective.
  std::function<void(const std::vector<float>& image)> simulate;
  /// f(x) at the last call, by the real numbers in y: ½ where y was simulated. Collective.
  std::function<double()> value_of_a_number;
  double operators_here = 0;  ///< of this rank, parts as fractions
  double operator_bytes = 0;  ///< that they hold in Views, on this rank
  ProblemSizes sizes;         ///< without costs
  DistributionPlan plan;
};

/// Makes the problem of `c`, with `operators` of all ranks. Collective. Throws
/// std::invalid_argument, on all ranks, for a form that the family has not.
using MakeProblem = std::function<ScalingProblem(const ScalingCase& c, int operators)>;

/// What problems of one kind are made by.
struct Family {
  MakeProblem make;
  std::function<ProblemSizes(const ScalingCase& c)> sizes;  ///< before any is made; without costs
  std::vector<Form> forms;
};

/// The family of that name, or none.
const Family* find_family(const std::string& name);
/// That of `c`. Throws std::invalid_argument for a family that there is not, or one that cannot
/// have the form of `c`.
const Family& family_of(const ScalingCase& c);

}  // namespace misfit::bench
