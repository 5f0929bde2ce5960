// SPDX-License-Identifier: BSD-3-Clause
#include "support/fault_test.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::DomainError;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;
using misfit::test::FaultTest;
using misfit::test::MatrixOperator;
using misfit::test::rows;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

/// Throws in apply, or in its adjoint, while `armed`.
struct Moody {
  MatrixOperator<double> inner;
  const bool* armed;
  bool in_adjoint = false;

  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    if (*armed && !in_adjoint) throw std::runtime_error("moody today");
    inner.apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    if (*armed && in_adjoint) throw std::runtime_error("moody today");
    inner.add_adjoint(exec, y, x);
  }
};

TEST_F(FaultTest, list_of_measurements_too_short_or_too_long_or_wrong) {
  for (const auto& ranks : fault_sets()) {
    const auto list = [&](std::size_t count, std::size_t size) {
      const bool bad = contains(ranks, world_rank());
      std::vector<Kokkos::View<double*>> views(bad ? count : 2);
      for (auto& view : views) view = vector_of<double>(1, bad ? size : rows);
      return views;
    };
    const auto too_short = list(1, rows), too_long = list(static_cast<std::size_t>(n) + 1, rows),
               wrong = list(2, 7);
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, x, too_short, operators); },
                                     {rank_text(ranks), "y: has 1 measurements"});
    expect_same_error<ArgumentError>(
        [&] { fidelity.grad(exec, x, too_long, operators, gradient); },
        {rank_text(ranks), "y: has " + std::to_string(n + 1) + " measurements"});
    expect_same_error<ArgumentError>(
        [&] { fidelity.fn_and_grad(exec, x, wrong, operators, gradient); },
        {place_text(ranks), "y: has 7 entries"});
    expect_same_error<ArgumentError>([&] { operators.adjoint(exec, wrong, gradient); },
                                     {place_text(ranks), "y: has 7 entries"});
    expect_same_error<ArgumentError>([&] { operators.measurements(too_short); },
                                     {rank_text(ranks), "y: has 1 measurements"});
    expect_still_right();
  }
}

TEST_F(FaultTest, x_or_gradient_of_the_wrong_size_or_shared) {
  for (const auto& ranks : fault_sets()) {
    const bool bad = contains(ranks, world_rank());
    const auto other = vector_of<double>(1, bad ? unknowns + 1 : unknowns);
    const auto empty = bad ? Kokkos::View<double*>() : x;
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, other, y, operators); },
                                     {rank_text(ranks), "x: has 6 entries"});
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, empty, y, operators); },
                                     {rank_text(ranks), "x: has 0 entries"});
    expect_same_error<ArgumentError>([&] { fidelity.grad(exec, x, y, operators, other); },
                                     {rank_text(ranks), "gradient: has 6 entries"});
    expect_same_error<ArgumentError>(
        [&] { fidelity.grad(exec, x, y, operators, bad ? x : gradient); },
        {rank_text(ranks), "gradient: shares memory with x"});
    expect_same_error<ArgumentError>([&] { operators.normal(exec, other, gradient); },
                                     {rank_text(ranks), "x: has 6 entries"});
    expect_still_right();
  }
}

TEST_F(FaultTest, batches_that_differ) {
  if (world_size() == 1) return;
  const bool last = world_rank() == world_size() - 1;
  const auto batch = misfit::test::batch_of<double>(1, last ? 3 : 2, unknowns);
  std::vector<Kokkos::View<double**, Kokkos::LayoutRight>> data(
      2, misfit::test::batch_of<double>(2, last ? 3 : 2, rows));

  expect_same_error<ArgumentError>(
      [&] { fidelity.fn(exec, batch, data, operators); },
      {"rank " + std::to_string(world_size() - 1), "the number of signals is 3", "2 on rank 0"});
  expect_still_right();
}

TEST_F(FaultTest, poisson_outside_its_domain) {
  // A x of operator 0 has entries of both signs, y is positive: the value is +infinity, the
  // gradient an error.
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});
  const auto positive = operators.measurements([](int) {
    Kokkos::View<double*> counts("counts", rows);
    Kokkos::deep_copy(counts, 2.0);
    return counts;
  });
  for (const auto& ranks : fault_sets()) {
    const misfit::DistributedOperator some(MPI_COMM_WORLD, n, [&](int) {
      MatrixOperator<double> op(0, rows, unknowns);
      Kokkos::deep_copy(op.matrix, contains(ranks, world_rank()) ? -1.0 : 1.0);
      return op;
    });
    Kokkos::View<double*> ones("ones", unknowns);
    Kokkos::deep_copy(ones, 1.0);

    EXPECT_EQ(poisson.fn(exec, ones, positive, some), static_cast<double>(INFINITY));
    expect_same_error<DomainError>([&] { poisson.grad(exec, ones, positive, some, gradient); },
                                   {place_text(ranks), "4 entries outside the domain"});
    expect_same_error<DomainError>(
        [&] { poisson.fn_and_grad(exec, ones, positive, some, gradient); }, {place_text(ranks)});

    const misfit::DistributedOperator inside(MPI_COMM_WORLD, n, [](int) {
      MatrixOperator<double> op(0, rows, unknowns);
      Kokkos::deep_copy(op.matrix, 1.0);
      return op;
    });
    EXPECT_TRUE(std::isfinite(poisson.fn_and_grad(exec, ones, positive, inside, gradient)));
  }
}

TEST_F(FaultTest, operator_of_the_user_throws) {
  for (const bool in_adjoint : {false, true})
    for (const auto& ranks : fault_sets()) {
      bool armed = false;
      const misfit::DistributedOperator moody(
          MPI_COMM_WORLD, n, [&](int i) { return Moody{make(i), &armed, in_adjoint}; });
      const double calm = fidelity.fn_and_grad(exec, x, y, moody, gradient);
      armed = contains(ranks, world_rank());

      if (!in_adjoint)
        expect_same_error<CallbackError>([&] { fidelity.fn(exec, x, y, moody); }, {"moody today"});
      expect_same_error<CallbackError>([&] { fidelity.grad(exec, x, y, moody, gradient); },
                                       {place_text(ranks), "moody today"});
      expect_same_error<CallbackError>([&] { fidelity.fn_and_grad(exec, x, y, moody, gradient); },
                                       {place_text(ranks), "moody today"});
      expect_same_error<CallbackError>([&] { moody.norm_squared<double>(exec); },
                                       {place_text(ranks), "moody today"});
      expect_same_error<CallbackError>(
          [&] {
            Kokkos::View<double*> result("result", unknowns);
            fidelity.prox(exec, 0.1, x, y, moody, result);
          },
          {place_text(ranks), "moody today"});

      armed = false;
      EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, moody, gradient), calm);
    }
}

TEST_F(FaultTest, calls_in_different_order) {
  if (world_size() == 1) return;
  expect_same_error<ArgumentError>(
      [&] {
        if (world_rank() == 0)
          fidelity.fn(exec, x, y, operators);
        else
          fidelity.grad(exec, x, y, operators, gradient);
      },
      {"different order", "rank 1 calls grad", "rank 0 calls fn"});
  expect_still_right();
}

TEST_F(FaultTest, options_that_are_wrong_or_differ) {
  expect_same_error<ArgumentError>(
      [&] {
        operators.norm_squared<double>(exec, {.tolerance = std::nan(""), .max_iterations = 3});
      },
      {"tolerance"});
  expect_same_error<ArgumentError>(
      [&] {
        operators.least_squares(exec, y, gradient, {.tolerance = 1e-3, .max_iterations = -1});
      },
      {"max_iterations"});
  expect_same_error<ArgumentError>(
      [&] { operators.least_squares(exec, y, gradient, {.tikhonov = -0.1}); }, {"tikhonov"});
  expect_same_error<ArgumentError>([&] { fidelity.prox(exec, -1.0, x, y, operators, gradient); },
                                   {"gamma"});
  if (world_size() == 1) return;
  expect_same_error<ArgumentError>(
      [&] {
        operators.norm_squared<double>(exec, {.tolerance = 0, .max_iterations = world_rank() + 3});
      },
      {"rank 1", "max_iterations is 4"});
  expect_same_error<ArgumentError>(
      [&] { operators.least_squares(exec, y, gradient, {.tikhonov = 1.0 + world_rank()}); },
      {"rank 1", "tikhonov"});
  expect_same_error<ArgumentError>(
      [&] {
        fidelity.prox(exec, 0.1, x, y, operators, gradient, {.max_iterations = world_rank() + 3});
      },
      {"rank 1", "max_iterations is 4"});
  expect_still_right();
}

TEST_F(FaultTest, local_calls_name_their_own_rank) {
  const auto wrong = vector_of<double>(1, unknowns + 1);
  try {
    fidelity.fn(exec, wrong, y, operators, misfit::Scope::local);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ArgumentError& error) {
    EXPECT_EQ(error.rank(), world_rank());
    EXPECT_NE(std::string(error.what()).find("x: has 6 entries"), std::string::npos)
        << error.what();
  }
}

}  // namespace
