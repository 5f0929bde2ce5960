// SPDX-License-Identifier: BSD-3-Clause

// What a data fidelity at a point refuses, on every rank with the same error, and what it says
// where it is not finite.

#include "support/errors.hpp"
#include "support/fault_test.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace {

using misfit::ArgumentError;
using misfit::DistributedDataFidelity;
using misfit::DomainError;
using misfit::L2;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

class LinearizationFaults : public misfit::test::FaultTest {
 protected:
  static constexpr std::size_t unknowns = misfit::test::unknowns;
  const Kokkos::View<double*> v = vector_of<double>(2, unknowns);
  const Kokkos::View<double*> product{"product", unknowns};
  const Kokkos::View<double*> longer = vector_of<double>(1, unknowns + 1);
};

TEST_F(LinearizationFaults, APointOfAnotherSizeIsRefusedAndTheNextOneIsRight) {
  auto point = fidelity.at(exec, x, y, operators);
  for (const auto& ranks : fault_sets()) {
    const auto& given = contains(ranks, world_rank()) ? longer : x;
    expect_same_error<ArgumentError>([&] { fidelity.at(exec, given, y, operators); },
                                     {"at", rank_text(ranks), "x: has 6 entries, must have 5"});
    expect_same_error<ArgumentError>([&] { point.move_to(given); }, {"at", rank_text(ranks)});
    EXPECT_THROW(point.value(), ArgumentError);
    EXPECT_THROW(point.values(), ArgumentError);
    expect_same_error<ArgumentError>([&] { point.gradient(gradient); }, {"there is no point"});
    expect_same_error<ArgumentError>([&] { point.gauss_newton(v, product); },
                                     {"there is no point"});
    point.move_to(x);
    EXPECT_NEAR(point.value(), right, 1e-13 * right);
    expect_still_right();
  }
}

TEST_F(LinearizationFaults, AVectorOfAnotherBatchIsRefused) {
  const Kokkos::View<double**> three("three", 3, unknowns), out("out", 3, unknowns);
  const Kokkos::View<double**> two("two", 2, unknowns);
  const auto zeros = operators.measurements(
      [](int) { return Kokkos::View<double**>("y", 2, misfit::test::rows); });
  const auto expect_refusal = [&](const auto& distances) {
    auto point = distances.at(exec, two, zeros, operators);
    for (const auto& call : {0, 1})
      expect_same_error<ArgumentError>(
          [&] {
            if (call == 0)
              point.gauss_newton(three, out);
            else
              point.hessian(three, out);
          },
          {"v: has 3 signals, the point has 2"});
  };
  expect_refusal(fidelity);
  expect_refusal(DistributedDataFidelity(misfit::Huber{0.5}));
}

TEST_F(LinearizationFaults, BoundsOfOtherScalarsAreRefused) {
  if (world_size() == 1) return;
  const misfit::DistributedOperator masks(
      MPI_COMM_WORLD, n, [](int) { return misfit::Mask(Kokkos::View<bool*>("mask", unknowns)); });
  expect_same_error<ArgumentError>(
      [&] {
        if (world_rank() == 0)
          masks.norm_squared_bound<float>(exec);
        else
          masks.norm_squared_bound<double>(exec);
      },
      {"the tag of the scalar type"});
}

TEST_F(LinearizationFaults, WhatWasMovedFromHasNoPoint) {
  auto point = fidelity.at(exec, x, y, operators);
  const auto moved = std::move(point);
  EXPECT_THROW(point.value(), ArgumentError);  // NOLINT(bugprone-use-after-move)
  EXPECT_NEAR(moved.value(), right, 1e-13 * right);
}

TEST_F(LinearizationFaults, VectorsThatDoNotFitAreRefused) {
  auto point = fidelity.at(exec, x, y, operators);
  const Kokkos::View<double**> batch("batch", 2, unknowns);
  for (const auto& ranks : fault_sets()) {
    const bool here = contains(ranks, world_rank());
    expect_same_error<ArgumentError>([&] { point.gradient(here ? longer : gradient); },
                                     {"gradient", rank_text(ranks), "must have 5"});
    expect_same_error<ArgumentError>([&] { point.gauss_newton(here ? longer : v, product); },
                                     {"gauss_newton", rank_text(ranks), "v: has 6 entries"});
    expect_same_error<ArgumentError>([&] { point.hessian(v, here ? longer : product); },
                                     {"gauss_newton", rank_text(ranks), "product: has 6 entries"});
    expect_same_error<ArgumentError>([&] { point.gauss_newton(v, here ? v : product); },
                                     {"gauss_newton", rank_text(ranks), "memory"});
    point.gauss_newton(v, product);
  }
  expect_same_error<ArgumentError>([&] { point.gradient(batch); }, {"gradient: has 2 signals"});
  const Kokkos::View<double**> of_batch("of batch", 2, unknowns);
  const DistributedDataFidelity huber(misfit::Huber{1.0});
  auto robust = huber.at(exec, x, y, operators);
  expect_same_error<ArgumentError>([&] { robust.gauss_newton(batch, of_batch); },
                                   {"gauss_newton", "v: has 2 signals, the point has 1"});
}

/// Of operators of which a run alone tells that they are linear.
TEST(LinearizationOfErasedOperators, AHessianOfComplexMeasurementsAsksForQuadraticDistances) {
  using Complex = Kokkos::complex<double>;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return misfit::AnyOperator<Complex>(
        misfit::Mask{vector_of<Complex>(static_cast<std::size_t>(i), 6)});
  });
  const auto y = operators.measurements([](int) { return vector_of<Complex>(20, 6); });
  const auto x = vector_of<Complex>(1, 6), v = vector_of<Complex>(2, 6),
             product = vector_of<Complex>(3, 6), expected = vector_of<Complex>(4, 6);
  const Kokkos::DefaultExecutionSpace exec;
  const DistributedDataFidelity quadratic(L2{0.5});
  auto point = quadratic.at(exec, x, y, operators);
  point.hessian(v, product);
  point.gauss_newton(v, expected);
  EXPECT_EQ(misfit::test::on_host(product), misfit::test::on_host(expected));
  const DistributedDataFidelity other{misfit::AnyDistance<Complex>(misfit::Huber{0.1})};
  auto refused = other.at(exec, x, y, operators);
  expect_same_error<ArgumentError>([&] { refused.hessian(v, product); }, {"not quadratic"});
}

TEST_F(LinearizationFaults, WhereADistanceHasNoDerivativeTheOperatorIsNamed) {
  // Outside for the operator of the last rank alone.
  const auto counts = operators.measurements([](int i) {
    const Kokkos::View<double*> y_i("counts", misfit::test::rows);
    Kokkos::deep_copy(y_i, i == world_size() - 1 ? 1.0 : 0.0);
    return y_i;
  });
  const auto expect_error_of = [&](const auto& distance) {
    const DistributedDataFidelity poisson(distance);
    const Kokkos::View<double*> zero("zero", unknowns);
    auto point = poisson.at(exec, zero, counts, operators);
    EXPECT_TRUE(std::isinf(point.value()));
    const std::string place = "operator " + std::to_string(world_size() - 1);
    expect_same_error<DomainError>([&] { point.gradient(gradient); }, {"gradient", place});
    expect_same_error<DomainError>([&] { point.gauss_newton(v, product); },
                                   {"gauss_newton", place});
  };
  expect_error_of(misfit::Poisson{});
  expect_error_of(misfit::AnyDistance<double>(misfit::Poisson{}));
}

TEST_F(LinearizationFaults, EntriesOutsideAreCountedSignalBySignal) {
  const auto batch = misfit::test::batch_of<double>(1, 2, unknowns);
  for (std::size_t j = 0; j < unknowns; ++j) batch(0, j) = std::abs(batch(0, j)), batch(1, j) = 0;
  const misfit::DistributedOperator masks(MPI_COMM_WORLD, n, [](int) {
    const Kokkos::View<double*> ones("ones", unknowns);
    Kokkos::deep_copy(ones, 1.0);
    return misfit::Mask{ones};
  });
  const auto counts = masks.measurements([](int) {
    const Kokkos::View<double**> y_i("counts", 2, unknowns);
    for (std::size_t b = 0; b < 2; ++b)
      for (std::size_t j = 0; j < 3; ++j) y_i(b, j) = 1;
    return y_i;
  });
  const DistributedDataFidelity poisson(misfit::Poisson{});
  auto point = poisson.at(exec, batch, counts, masks);
  const Kokkos::View<double**> out("out", 2, unknowns);
  expect_same_error<DomainError>([&] { point.gradient(out); }, {"operator 0", "3 entries"});
}

TEST_F(LinearizationFaults, WhereXIsNotFiniteNothingIs) {
  const auto broken = vector_of<double>(1, unknowns);
  broken(2) = std::numeric_limits<double>::infinity();
  auto point = fidelity.at(exec, broken, y, operators);
  EXPECT_FALSE(std::isfinite(point.value()));
  for (const double value : point.values()) EXPECT_FALSE(std::isfinite(value));
  point.gradient(gradient);
  for (std::size_t j = 0; j < unknowns; ++j) EXPECT_FALSE(std::isfinite(gradient(j)));
  point.move_to(x);
  EXPECT_TRUE(std::isfinite(point.value()));
  point.gauss_newton(broken, product);
  EXPECT_FALSE(std::isfinite(product(2)));
}

}  // namespace
