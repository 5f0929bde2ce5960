// SPDX-License-Identifier: BSD-3-Clause

// misfit/tao.hpp, with products for Newton methods: which x a value, a gradient and a Hessian are
// of.

#include "optimizers/masks.hpp"
#include "optimizers/tao_solver.hpp"

#include <misfit/misfit.hpp>
#include <misfit/tao.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <vector>

namespace {

using misfit::test::image_size;
using misfit::test::masks;
using misfit::test::measurements_of;
using misfit::test::TaoTest;
using misfit::test::Tikhonov;

/// As trust regions go back to where they were, without computing the Hessian again.
TEST_F(TaoTest, multiplies_by_the_hessian_where_it_was_computed) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const misfit::DistributedDataFidelity transmission(misfit::LogPoisson{50, 0.3});
  const Kokkos::View<double*> x("x", image_size);
  misfit::TaoObjective objective(exec, transmission, x, y, operators, misfit::hessian_products);
  made(objective, TAOBNTR);
  TaoSetUp(tao_);
  Vec trial = nullptr, v = nullptr, before = nullptr, after = nullptr;
  for (Vec* vector : {&trial, &v, &before, &after}) VecDuplicate(objective.solution(), vector);
  VecSet(trial, -3);
  VecSet(v, 1);
  Mat hessian = nullptr, preconditioner = nullptr;
  TaoGetHessian(tao_, &hessian, &preconditioner, nullptr, nullptr);
  TaoComputeHessian(tao_, objective.solution(), hessian, preconditioner);
  MatMult(hessian, v, before);
  PetscReal value = 0;
  TaoComputeObjective(tao_, trial, &value);
  MatMult(hessian, v, after);
  PetscBool equal = PETSC_FALSE;
  VecEqual(before, after, &equal);
  EXPECT_EQ(equal, PETSC_TRUE);
  TaoComputeHessian(tao_, trial, hessian, preconditioner);
  MatMult(hessian, v, after);
  VecEqual(before, after, &equal);
  EXPECT_EQ(equal, PETSC_FALSE);
  for (Vec* vector : {&trial, &v, &before, &after}) VecDestroy(vector);
}

/// ½ λ |x|² with a λ that changes.
struct Ridge {
  const double* lambda;
  template <typename X, typename G>
  double operator()(const X& x, const G& g) const {
    return Tikhonov{*lambda}(x, g);
  }
  template <typename X, typename H>
  void add_hessian(const X& x, const X& v, const H& product) const {
    Tikhonov{*lambda}.add_hessian(x, v, product);
  }
};

/// From the solution that is in x, for other data, or another term.
TEST_F(TaoTest, solves_anew) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [](int) { return misfit::Identity(2); });
  std::vector<Kokkos::View<double*>> y;
  if (!operators.local_indices().empty()) y.emplace_back("y", 2);
  const auto set_data = [&](double number) {
    for (const auto& data : y) Kokkos::deep_copy(data, number);
  };
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  double lambda = 1;
  const Kokkos::View<double*> x("x", 2);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators, misfit::gauss_newton_products,
                                 Ridge{&lambda});
  made(objective, TAOBNLS);
  set_data(10);
  objective.solve(tao_);
  EXPECT_NEAR(x(1), 5, 1e-6);
  lambda = 0.25;
  objective.solve(tao_);
  EXPECT_NEAR(x(1), 8, 1e-6);
  set_data(20);
  objective.solve(tao_);
  EXPECT_NEAR(x(1), 16, 1e-6);
}

TEST_F(TaoTest, takes_an_x_that_does_not_own_its_memory) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> memory("x", image_size);
  const Kokkos::View<double*, Kokkos::MemoryTraits<Kokkos::Unmanaged>> x(memory.data(), image_size);
  misfit::TaoObjective objective(exec, fidelity, x, y, operators, misfit::gauss_newton_products);
  objective.solve(made(objective, TAOBNLS));
  misfit::test::expect_solution(memory, 0, misfit::test::reached);
}

TEST_F(TaoTest, sees_small_entries_beside_large_ones) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1, [](int) {
    const Kokkos::View<double*> mask("mask", 2);
    mask(0) = 1e-8;
    mask(1) = 1e8;
    return misfit::Mask{mask};
  });
  const auto y = operators.measurements([](int) {
    const Kokkos::View<double*> data("data", 2);
    data(0) = 1;
    data(1) = 50;
    return data;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const Kokkos::View<double*> x("x", 2);
  x(0) = 1e8;
  misfit::TaoObjective objective(exec, fidelity, x, y, operators, misfit::gauss_newton_products);
  made(objective, TAOBNLS);
  Vec other = nullptr;
  VecDuplicate(objective.solution(), &other);
  PetscReal value = 0;
  TaoComputeObjective(tao_, objective.solution(), &value);
  EXPECT_NEAR(value, 1250, 1e-9);
  x(1) = 5e-7;
  VecCopy(objective.solution(), other);
  TaoComputeObjective(tao_, other, &value);
  EXPECT_NEAR(value, 0, 1e-9);
  VecDestroy(&other);
}

}  // namespace
