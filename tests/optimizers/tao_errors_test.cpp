// SPDX-License-Identifier: BSD-3-Clause

// misfit/tao.hpp: what an evaluation throws, and what PETSc finds, comes out on every rank.

#include "optimizers/masks.hpp"
#include "optimizers/tao_solver.hpp"

#include <misfit/misfit.hpp>
#include <misfit/tao.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>

namespace {

using misfit::test::expect_error;
using misfit::test::image_size;
using misfit::test::masks;
using misfit::test::measurements_of;
using misfit::test::TaoTest;

TEST_F(TaoTest, ends_with_the_error_of_an_evaluation) {
  const auto operators = masks();
  const auto y = operators.measurements([](int i) {
    return misfit::test::positive_vector_of(static_cast<std::size_t>(i), image_size);
  });
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});
  const Kokkos::View<double*> x("x", image_size);
  misfit::TaoObjective objective(exec, poisson, x, y, operators);
  made(objective, TAOBLMVM);
  for (int time = 0; time < 2; ++time) {
    Kokkos::deep_copy(x, -1);
    expect_error<misfit::DomainError>("fn_and_grad: rank 0, operator 0: distance: no gradient",
                                      [&] { objective.solve(tao_); });
  }
  // The same objects, from where there is a gradient; an error outside of solve() is a code.
  Vec gradient = nullptr;
  VecDuplicate(objective.solution(), &gradient);
  PetscReal value = 0;
  EXPECT_NE(TaoComputeObjectiveAndGradient(tao_, objective.solution(), &value, gradient), 0);
  Kokkos::deep_copy(x, 1);
  EXPECT_EQ(TaoComputeObjectiveAndGradient(tao_, objective.solution(), &value, gradient), 0);
  TaoSetMaximumIterations(tao_, 0);
  EXPECT_NO_THROW(objective.solve(tao_));
  VecDestroy(&gradient);
}

TEST_F(TaoTest, ends_with_an_error_where_sizes_differ) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size), other("x", 5);
  expect_error<misfit::ArgumentError>("x: has 5 entries, the domain has 24", [&] {
    misfit::TaoObjective objective(exec, fidelity, other, y, operators);
  });

  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  Vec longer = nullptr;
  VecCreateSeq(PETSC_COMM_SELF, 30, &longer);
  made(objective, TAOBLMVM);
  TaoSetSolution(tao_, longer);
  expect_error<misfit::ArgumentError>("30", [&] { objective.solve(tao_); });
  VecDestroy(&longer);
}

// Of PETSc itself, which is no error of an evaluation.
TEST_F(TaoTest, says_what_petsc_found) {
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  expect_error<misfit::Error>("TaoSolve: ",
                              [] { misfit::check_petsc(PETSC_ERR_ARG_SIZ, "TaoSolve"); });
  PetscPopErrorHandler();
}

PetscErrorCode fails_on_rank_0(Tao, void*) {
  return misfit::test::world_rank() == 0 ? PETSC_ERR_FILE_WRITE : static_cast<PetscErrorCode>(0);
}

TEST_F(TaoTest, ends_on_every_rank_where_petsc_fails_on_one) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  made(objective, TAOBLMVM);
  TaoSetMonitor(tao_, fails_on_rank_0, nullptr, nullptr);
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  expect_error<misfit::Error>("TaoSolve", [&] { objective.solve(tao_); });
  PetscPopErrorHandler();
}

}  // namespace
