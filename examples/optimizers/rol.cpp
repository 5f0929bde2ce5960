// SPDX-License-Identifier: BSD-3-Clause

// ROL: a trust region with bounds (Lin and Moré's), with Gauss–Newton products.

#include "methods.hpp"

#include <misfit/rol.hpp>

#include <ROL_Bounds.hpp>
#include <ROL_ParameterList.hpp>
#include <ROL_Problem.hpp>
#include <ROL_Solver.hpp>
#include <ROL_StatusTest.hpp>

#include <sstream>

namespace {

/// ROL asks after each iteration.
class Progress : public ROL::StatusTest<double> {
 public:
  Progress(ROL::ParameterList& parameters, Run& run, const Counts& counts)
      : ROL::StatusTest<double>(parameters), run_(&run), counts_(&counts) {}
  bool check(ROL::AlgorithmState<double>& state) override {
    run_->add(state.value, *counts_);
    return ROL::StatusTest<double>::check(state);
  }

 private:
  Run* run_;
  const Counts* counts_;
};

}  // namespace

std::vector<Run> by_rol(const Scan& scan, int passes) {
  std::vector<Run> runs{{"ROL trust region, Gauss-Newton", scan}};
  Counts counts;
  const auto x = scan.start();
  misfit::RolObjective objective(scan.exec, scan.fidelity, x, scan.y, scan.projections,
                                 misfit::gauss_newton_products, Tikhonov{scan.exec, &counts});
  const auto solution = objective.solution();
  const auto problem = ROL::makePtr<ROL::Problem<double>>(ROL::makePtrFromRef(objective), solution);
  const auto lower = solution->clone();
  lower->zero();
  problem->addBoundConstraint(ROL::makePtr<ROL::Bounds<double>>(*lower));
  ROL::ParameterList parameters;
  parameters.sublist("Step").set("Type", "Trust Region");
  parameters.sublist("Step").sublist("Trust Region").set("Subproblem Model", "Lin-More");
  parameters.sublist("Status Test").set("Use Relative Tolerances", true);
  parameters.sublist("Status Test").set("Gradient Tolerance", 1e-7);
  parameters.sublist("Status Test").set("Step Tolerance", 1e-14);
  parameters.sublist("Status Test").set("Iteration Limit", passes);
  ROL::Solver<double> solver(problem, parameters);
  std::ostringstream silence;
  solver.solve(silence, ROL::makePtr<Progress>(parameters, runs[0], counts), false);
  return runs;
}
