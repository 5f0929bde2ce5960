// SPDX-License-Identifier: BSD-3-Clause

// misfit/tao.hpp: TAO finds the known solution, whole and in slabs, from one fn_and_grad an
// evaluation, without a copy.

#include "evaluation/allocations.hpp"
#include "optimizers/masks.hpp"
#include "optimizers/tao_solver.hpp"

#include <misfit/misfit.hpp>
#include <misfit/tao.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::expect_error;
using misfit::test::expect_solution;
using misfit::test::image_size;
using misfit::test::masks;
using misfit::test::measurements_of;
using misfit::test::reached;
using misfit::test::TaoTest;
using misfit::test::Tikhonov;

TEST_F(TaoTest, minimises_over_a_whole_x) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  for (TaoType type : {TAOBLMVM, TAOLMVM}) {
    const Kokkos::View<double*> x("x", image_size);
    misfit::TaoObjective objective(exec, fidelity, x, y, operators);
    objective.solve(made(objective, type));
    expect_converged();
    expect_solution(x, 0, reached);
    EXPECT_TRUE(misfit::check_replicated(exec, operators.communicator(), x).passed());
    TaoDestroy(&tao_);
  }
}

TEST_F(TaoTest, minimises_over_slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", operators.domain_size());
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  objective.solve(made(objective, TAOBLMVM));
  expect_converged();
  expect_solution(x, misfit::test::first_entry(slabs), reached);
}

TEST_F(TaoTest, minimises_over_slabs_of_members) {
  const int ranks = misfit::test::world_size() % 2 == 0 ? 2 : 1;
  const misfit::Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks});
  const misfit::Slabs slabs(ensemble, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", operators.domain_size());
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  objective.solve(made(objective, TAOBLMVM));
  expect_solution(x, misfit::test::first_entry(slabs), reached);
}

TEST_F(TaoTest, minimises_over_a_complex_x) {
  using T = Kokkos::complex<double>;
  const auto operators = masks();
  const auto y = measurements_of<T>(operators);
  const Kokkos::View<T*> x("x", image_size);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  PetscInt numbers = 0;
  VecGetSize(objective.solution(), &numbers);
  EXPECT_EQ(numbers, 2 * static_cast<PetscInt>(image_size));
  objective.solve(made(objective, TAOBLMVM));
  expect_solution(x, 0, reached);
}

TEST_F(TaoTest, computes_on_vectors_of_kokkos_where_petsc_has_them) {
  constexpr bool expected = misfit::TaoVectors<Kokkos::HostSpace>::of_kokkos;
  const auto of_kokkos = [](Vec vector) {
    PetscBool result = PETSC_FALSE;
    PetscObjectTypeCompareAny(reinterpret_cast<PetscObject>(vector), &result, VECSEQKOKKOS,
                              VECMPIKOKKOS, "");
    return result == PETSC_TRUE;
  };
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto compare = [&](const auto& operators) {
    const auto y = measurements_of<double>(operators);
    const Kokkos::View<double*> x("x", operators.domain_size());
    misfit::TaoObjective objective(exec, fidelity, x, y, operators, misfit::gauss_newton_products);
    EXPECT_EQ(of_kokkos(objective.solution()), expected);
    made(objective, TAOBNLS);
    Mat hessian = nullptr;
    Vec in = nullptr, out = nullptr;
    TaoGetHessian(tao_, &hessian, nullptr, nullptr, nullptr);
    MatCreateVecs(hessian, &in, &out);
    EXPECT_EQ(of_kokkos(in), expected);
    EXPECT_EQ(of_kokkos(out), expected);
    VecDestroy(&in);
    VecDestroy(&out);
    TaoDestroy(&tao_);
  };
  compare(masks());
  compare(masks(slabs));
}

/// Of the fidelity and ½ λ |x|², by `type` with these products. Returns how often it was evaluated.
template <typename Operators, typename Y, typename X, typename... Products>
PetscInt solve_transmission(TaoType type, const Operators& operators, const Y& y, const X& x,
                            const Products&... products) {
  const misfit::DistributedDataFidelity transmission(misfit::LogPoisson{50, 0.3});
  misfit::TaoObjective objective(Exec{}, transmission, x, y, operators, products..., Tikhonov{0.1});
  Tao tao = nullptr;
  TaoCreate(objective.comm(), &tao);
  TaoSetType(tao, type);
  objective.attach(tao);
  TaoSetTolerances(tao, 1e-9, 0, 0);
  objective.solve(tao);
  TaoConvergedReason reason{};
  TaoGetConvergedReason(tao, &reason);
  EXPECT_GT(reason, 0) << type;
  PetscInt evaluations = 0;
  TaoGetCurrentFunctionEvaluations(tao, &evaluations);
  TaoDestroy(&tao);
  return evaluations;
}

TEST_F(TaoTest, newton_methods_take_products) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto compare = [&](const auto& operators) {
    const auto y = measurements_of<double>(operators);
    const std::size_t n = operators.domain_size();
    const Kokkos::View<double*> expected("expected", n), x("x", n), z("z", n);
    const PetscInt first = solve_transmission(TAOBLMVM, operators, y, expected);
    const PetscInt second =
        solve_transmission(TAOBNLS, operators, y, x, misfit::gauss_newton_products);
    EXPECT_LE(4 * second, 3 * first);
    solve_transmission(TAOBNTR, operators, y, z, misfit::hessian_products);
    for (std::size_t j = 0; j < n; ++j) {
      EXPECT_NEAR(x(j), expected(j), 1e-7);
      EXPECT_NEAR(z(j), expected(j), 1e-7);
    }
  };
  compare(masks());
  compare(masks(slabs));
}

TEST_F(TaoTest, keeps_bounds) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  Vec lower = nullptr, upper = nullptr;
  VecDuplicate(objective.solution(), &lower);
  VecDuplicate(objective.solution(), &upper);
  VecSet(lower, 0);
  VecSet(upper, PETSC_INFINITY);
  made(objective, TAOBLMVM);
  TaoSetVariableBounds(tao_, lower, upper);
  objective.solve(tao_);
  VecDestroy(&lower);
  VecDestroy(&upper);
  for (std::size_t j = 0; j < image_size; ++j)
    EXPECT_NEAR(x(j), std::fmax(0, misfit::test::solution_at<double>(j)), reached) << j;
}

// TAO's own: what it prints, a relative difference.
void expect_gradient_test_passes(Tao tao, Vec x) {
  Vec gradient = nullptr;
  VecDuplicate(x, &gradient);
  PetscOptionsSetValue(nullptr, "-tao_test_gradient", nullptr);
  testing::internal::CaptureStdout();
  TaoComputeGradient(tao, x, gradient);
  TaoTestGradient(tao, x, gradient);
  std::fflush(PETSC_STDOUT);
  const std::string printed = testing::internal::GetCapturedStdout();
  PetscOptionsClearValue(nullptr, "-tao_test_gradient");
  VecDestroy(&gradient);
  int printing = 0;
  MPI_Comm_rank(PetscObjectComm(reinterpret_cast<PetscObject>(tao)), &printing);
  if (printing != 0) return;
  const std::string name = "||G - Gfd||/||G|| = ";
  const auto found = printed.find(name);
  ASSERT_NE(found, std::string::npos) << printed;
  EXPECT_LT(std::atof(printed.c_str() + found + name.size()), 1e-6) << printed;
}

TEST_F(TaoTest, passes_its_test_of_gradients) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const auto x = misfit::test::vector_of<double>(3, image_size);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators, Tikhonov{0.3});
  expect_gradient_test_passes(made(objective, TAOBLMVM), objective.solution());
}

TEST_F(TaoTest, passes_its_test_of_gradients_in_slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const auto x = misfit::test::vector_of<double>(3, operators.domain_size());
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  expect_gradient_test_passes(made(objective, TAOBLMVM), objective.solution());
}

TEST_F(TaoTest, copies_neither_x_nor_gradient) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  int calls = 0;
  const void* read = nullptr;
  void* written = nullptr;
  misfit::TaoObjective objective(exec, fidelity, x, y, operators,
                                 Tikhonov{0.3, &calls, &read, &written});
  made(objective, TAOBLMVM);
  Vec gradient = nullptr;
  VecDuplicate(objective.solution(), &gradient);
  double* numbers = nullptr;
  VecGetArray(gradient, &numbers);
  const void* const memory = numbers;
  VecRestoreArray(gradient, &numbers);

  PetscReal value = 0;
  const auto evaluate = [&] {
    TaoComputeObjectiveAndGradient(tao_, objective.solution(), &value, gradient);
  };
  EXPECT_EQ(misfit::test::allocations_of_second(evaluate), std::vector<std::string>{});
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(read, x.data());
  EXPECT_EQ(written, memory);
  VecDestroy(&gradient);
}

}  // namespace
