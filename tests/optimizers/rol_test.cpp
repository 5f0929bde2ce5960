// SPDX-License-Identifier: BSD-3-Clause

// misfit/rol.hpp: ROL finds the known solution, whole and in slabs; its checks of vectors and
// gradients pass; value and gradient of one x come from one evaluation; errors pass through it.

#include "optimizers/masks.hpp"

#include <misfit/misfit.hpp>
#include <misfit/rol.hpp>

#include <Kokkos_Core.hpp>
#include <ROL_Bounds.hpp>
#include <ROL_ParameterList.hpp>
#include <ROL_Problem.hpp>
#include <ROL_Solver.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::expect_error;
using misfit::test::expect_solution;
using misfit::test::image_size;
using misfit::test::masks;
using misfit::test::measurements_of;
using misfit::test::Tikhonov;

class RolTest : public testing::Test {
 protected:
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.5}};
};

/// L-BFGS with a line search, over x without bounds or not below 0.
template <typename Objective>
void solve(Objective& objective, bool bounded = false) {
  const auto x = objective.solution();
  const auto problem = ROL::makePtr<ROL::Problem<double>>(ROL::makePtrFromRef(objective), x);
  if (bounded) {
    const auto lower = x->clone();
    lower->zero();
    problem->addBoundConstraint(ROL::makePtr<ROL::Bounds<double>>(*lower));
  }
  ROL::ParameterList parameters;
  parameters.sublist("Step").set("Type", bounded ? "Spectral Gradient" : "Line Search");
  parameters.sublist("Step")
      .sublist("Line Search")
      .sublist("Descent Method")
      .set("Type", "Quasi-Newton Method");
  parameters.sublist("General").sublist("Secant").set("Type", "Limited-Memory BFGS");
  parameters.sublist("Status Test").set("Gradient Tolerance", 1e-8);
  parameters.sublist("Status Test").set("Step Tolerance", 1e-14);
  ROL::Solver<double> solver(problem, parameters);
  std::ostringstream log;
  solver.solve(log);
}

TEST_F(RolTest, minimises_over_a_whole_x) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  solve(objective);
  expect_solution(x);
  EXPECT_TRUE(misfit::check_replicated(Exec{}, operators.communicator(), x).passed());
}

TEST_F(RolTest, minimises_in_memory_that_x_does_not_own) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> memory("x", image_size);
  const Kokkos::View<double*, Kokkos::MemoryTraits<Kokkos::Unmanaged>> x(memory.data(), image_size);
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  solve(objective);
  expect_solution(memory);
}

TEST_F(RolTest, minimises_over_slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", operators.domain_size());
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  solve(objective);
  expect_solution(x, misfit::test::first_entry(slabs));
}

TEST_F(RolTest, minimises_over_slabs_of_members) {
  const int ranks = misfit::test::world_size() % 2 == 0 ? 2 : 1;
  const misfit::Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks});
  const misfit::Slabs slabs(ensemble, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", operators.domain_size());
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  solve(objective);
  expect_solution(x, misfit::test::first_entry(slabs));
}

TEST_F(RolTest, minimises_over_a_complex_x) {
  using T = Kokkos::complex<double>;
  const auto operators = masks();
  const auto y = measurements_of<T>(operators);
  const Kokkos::View<T*> x("x", image_size);
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  EXPECT_EQ(objective.solution()->dimension(), 2 * static_cast<int>(image_size));
  solve(objective);
  expect_solution(x);
}

TEST_F(RolTest, keeps_bounds_in_slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", operators.domain_size());
  Kokkos::deep_copy(x, 0.1);
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators);
  solve(objective, true);
  const std::size_t first = misfit::test::first_entry(slabs);
  for (std::size_t j = 0; j < x.extent(0); ++j)
    EXPECT_NEAR(x(j), std::fmax(0, misfit::test::solution_at<double>(first + j)), 1e-7) << j;
}

/// ROL's checkVector and checkGradient, at random vectors.
template <typename Objective>
void expect_checks_pass(Objective& objective) {
  const auto x = objective.solution(), d = x->clone(), z = x->clone();
  x->randomize(-1, 1);
  d->randomize(-1, 1);
  z->randomize(-1, 1);
  for (const double fault : x->checkVector(*d, *z, false)) EXPECT_NEAR(fault, 0, 1e-13);

  // The columns: step, derivative by the gradient, by differences, error.
  double best = 1;
  for (const std::vector<double>& row : objective.checkGradient(*x, *d, false))
    best = std::min(best, row[3] / std::fabs(row[1]));
  EXPECT_LT(best, 1e-6);
}

TEST_F(RolTest, passes_its_checks) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  misfit::RolObjective objective(Exec{}, fidelity, Kokkos::View<double*>("x", image_size), y,
                                 operators, Tikhonov{0.3});
  expect_checks_pass(objective);
}

// Of a fidelity that is not quadratic, whole and in slabs: products against differences of
// gradients, and symmetric.
TEST_F(RolTest, passes_its_checks_of_products) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const misfit::DistributedDataFidelity transmission(misfit::LogPoisson{50, 0.3});
  const auto check = [&](const auto& operators) {
    const auto y = measurements_of<double>(operators);
    misfit::RolObjective objective(Exec{}, transmission,
                                   Kokkos::View<double*>("x", operators.domain_size()), y,
                                   operators, misfit::hessian_products, Tikhonov{0.3});
    const auto x = objective.solution(), v = x->clone(), w = x->clone();
    x->randomize(-1, 1);
    v->randomize(-1, 1);
    w->randomize(-1, 1);
    double best = 1;
    for (const std::vector<double>& row : objective.checkHessVec(*x, *v, false))
      best = std::min(best, row[3] / row[1]);
    EXPECT_LT(best, 1e-6);
    const std::vector<double> symmetry = objective.checkHessSym(*x, *v, *w, false);
    EXPECT_NEAR(symmetry[2], 0, 1e-12 * std::fabs(symmetry[0]));
  };
  check(masks());
  check(masks(slabs));
}

TEST_F(RolTest, newton_methods_take_products) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::RolObjective objective(Exec{}, fidelity, x, y, operators, misfit::gauss_newton_products);
  ROL::ParameterList parameters;
  parameters.sublist("Step").set("Type", "Trust Region");
  parameters.sublist("Step").sublist("Trust Region").set("Subproblem Solver", "Truncated CG");
  parameters.sublist("Status Test").set("Gradient Tolerance", 1e-8);
  const auto problem =
      ROL::makePtr<ROL::Problem<double>>(ROL::makePtrFromRef(objective), objective.solution());
  ROL::Solver<double> solver(problem, parameters);
  std::ostringstream log;
  solver.solve(log);
  expect_solution(x);
}

TEST_F(RolTest, passes_its_checks_over_complex_slabs) {
  using T = Kokkos::complex<double>;
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<T>(operators);
  misfit::RolObjective objective(Exec{}, fidelity, Kokkos::View<T*>("x", operators.domain_size()),
                                 y, operators);
  expect_checks_pass(objective);
}

TEST_F(RolTest, vectors_of_pieces_are_those_of_the_whole) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto operators = masks(slabs);
  const auto y = measurements_of<double>(operators);
  misfit::RolObjective objective(Exec{}, fidelity,
                                 Kokkos::View<double*>("x", operators.domain_size()), y, operators);
  const auto x = objective.solution();
  x->setScalar(2);
  EXPECT_EQ(x->dimension(), static_cast<int>(image_size));
  EXPECT_EQ(x->dot(*x), 4.0 * image_size);
  EXPECT_EQ(x->reduce(ROL::Elementwise::ReductionSum<double>()), 2.0 * image_size);
  x->plus(*x->basis(17));
  EXPECT_EQ(x->reduce(ROL::Elementwise::ReductionMax<double>()), 3);
  EXPECT_EQ(x->reduce(ROL::Elementwise::ReductionMin<double>()), 2);
  EXPECT_EQ(x->dot(*x->basis(17)), 3);
}

TEST_F(RolTest, evaluates_once_for_value_and_gradient) {
  using ROL::UpdateType;
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  int calls = 0;
  misfit::RolObjective objective(Exec{}, fidelity, Kokkos::View<double*>("x", image_size), y,
                                 operators, Tikhonov{0.3, &calls});
  const auto x = objective.solution(), trial = x->clone(), g = x->clone(), h = x->clone();
  trial->setScalar(0.5);
  double tolerance = 0;
  const auto evaluate = [&](const auto& at) {
    const double value = objective.value(*at, tolerance);
    objective.gradient(*g, *at, tolerance);
    return value;
  };

  objective.update(*x, UpdateType::Initial);
  const double start = evaluate(x);
  EXPECT_EQ(calls, 1);
  objective.update(*trial, UpdateType::Trial);
  const double tried = evaluate(trial);
  h->set(*g);
  EXPECT_EQ(calls, 2);
  EXPECT_NE(start, tried);
  objective.update(*x, UpdateType::Revert);
  EXPECT_EQ(evaluate(x), start);
  EXPECT_EQ(calls, 2);
  objective.update(*trial, UpdateType::Trial);
  EXPECT_EQ(objective.value(*trial, tolerance), tried);
  x->set(*trial);
  objective.update(*x, UpdateType::Accept);
  EXPECT_EQ(evaluate(x), tried);
  EXPECT_EQ(calls, 3);
  g->axpy(-1, *h);
  EXPECT_EQ(g->norm(), 0);

  objective.update(*h, UpdateType::Temp);  // and back
  EXPECT_NE(evaluate(h), tried);
  objective.update(*x, UpdateType::Revert);
  EXPECT_EQ(evaluate(x), tried);
  EXPECT_EQ(calls, 4);
}

// A line search that gives up accepts an x that was not the last trial.
TEST_F(RolTest, does_not_take_a_result_for_that_of_another_x) {
  using ROL::UpdateType;
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  misfit::RolObjective objective(Exec{}, fidelity, Kokkos::View<double*>("x", image_size), y,
                                 operators);
  const auto x = objective.solution(), trial = x->clone();
  trial->setScalar(0.5);
  double tolerance = 0;
  objective.update(*x, UpdateType::Initial);
  const double start = objective.value(*x, tolerance);
  objective.update(*trial, UpdateType::Trial);
  const double tried = objective.value(*trial, tolerance);
  objective.update(*x, UpdateType::Accept);
  EXPECT_EQ(objective.value(*x, tolerance), start);
  EXPECT_EQ(objective.value(*trial, tolerance), tried);
}

TEST_F(RolTest, lets_errors_through) {
  const auto operators = masks();
  const auto y = operators.measurements([](int i) {
    return misfit::test::positive_vector_of(static_cast<std::size_t>(i), image_size);
  });
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});
  const Kokkos::View<double*> x("x", image_size), other("x", 5);
  Kokkos::deep_copy(x, -1);
  misfit::RolObjective objective(Exec{}, poisson, x, y, operators);
  expect_error<misfit::DomainError>("fn_and_grad: rank 0, operator 0: distance: no gradient",
                                    [&] { solve(objective); });
  expect_error<misfit::ArgumentError>("x: has 5 entries, the domain has 24", [&] {
    misfit::RolObjective shorter(Exec{}, poisson, other, y, operators);
  });
}

}  // namespace
