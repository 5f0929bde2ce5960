// SPDX-License-Identifier: BSD-3-Clause

// TAO: a limited-memory method (BLMVM), and a Newton method with Gauss–Newton products (BNLS).

#include "methods.hpp"

#include <misfit/tao.hpp>

#include <petscksp.h>
#include <petsctao.h>

namespace {

struct Progress {
  Run* run;
  const Counts* counts;
};

/// TAO asks after each iteration.
PetscErrorCode converged(Tao tao, void* context) {
  const auto& progress = *static_cast<Progress*>(context);
  PetscReal f = 0;
  const PetscErrorCode code =
      TaoGetSolutionStatus(tao, nullptr, &f, nullptr, nullptr, nullptr, nullptr);
  if (code != 0) return code;
  progress.run->add(f, *progress.counts);
  return TaoDefaultConvergenceTest(tao, nullptr);
}

/// `objective` at x = 0, over x ≥ 0.
template <typename Objective>
void solve(Objective& objective, TaoType type, int passes, Progress& progress) {
  Tao tao = nullptr;
  TaoCreate(objective.comm(), &tao);
  TaoSetType(tao, type);
  objective.attach(tao);
  Vec lower = nullptr, upper = nullptr;
  VecDuplicate(objective.solution(), &lower);  // of zeros
  VecDuplicate(objective.solution(), &upper);
  VecSet(upper, PETSC_INFINITY);
  TaoSetVariableBounds(tao, lower, upper);
  TaoSetTolerances(tao, 0, 1e-7, 0);
  TaoSetMaximumIterations(tao, passes);
  TaoSetMaximumFunctionEvaluations(tao, passes);
  TaoSetConvergenceTest(tao, converged, &progress);
  // Newton's equations need not be solved far beyond what their step is worth; the preconditioner
  // that TAO takes unless told otherwise costs more communication than it saves products.
  KSP steps = nullptr;
  TaoGetKSP(tao, &steps);
  if (steps != nullptr) {
    KSPSetTolerances(steps, 0.1, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT);
    PC preconditioner = nullptr;
    KSPGetPC(steps, &preconditioner);
    PCSetType(preconditioner, PCNONE);
  }
  TaoSetFromOptions(tao);
  objective.solve(tao);
  VecDestroy(&lower);
  VecDestroy(&upper);
  TaoDestroy(&tao);
}

}  // namespace

std::vector<Run> by_tao(const Scan& scan, int passes) {
  PetscInitializeNoArguments();
  std::vector<Run> runs;
  const auto with = [&](const char* name, TaoType type, auto... products) {
    const auto x = scan.start();
    Counts counts;
    Run& run = runs.emplace_back(name, scan);
    misfit::TaoObjective objective(scan.exec, scan.fidelity, x, scan.y, scan.projections,
                                   products..., Tikhonov{scan.exec, &counts});
    Progress progress{&run, &counts};
    solve(objective, type, passes, progress);
  };
  with("TAO BLMVM", TAOBLMVM);
  with("TAO BNLS, Gauss-Newton", TAOBNLS, misfit::gauss_newton_products);
  PetscFinalize();
  return runs;
}
