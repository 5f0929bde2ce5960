// SPDX-License-Identifier: BSD-3-Clause

// Errors of Sum::reproducible: the same on all ranks, and the next call is as good as before.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::Partition;
using misfit::Sum;
using misfit::test::Exec;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

constexpr int n = 13;

TEST(ReproducibleSumErrors, what_the_number_of_ranks_cuts_is_refused) {
  const auto y = [](int, misfit::Rows rows) { return vector_of<double>(4, rows.size()); };
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, Partition::split({1.0, 1.0, 1.0}, {8, 8, 8}), [](int i, misfit::Rows rows) {
        return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), rows.size(), 5);
      });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const auto measurements = operators.measurements(y);
  for (int call = 0; call < 2; ++call)
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] { fidelity.fn(Exec{}, vector_of<double>(1, 5), measurements, operators); },
        {"Sum::reproducible", "whole operators"});
  EXPECT_THROW(
      fidelity.fn(Exec{}, vector_of<double>(1, 5), measurements, operators, misfit::Scope::local),
      misfit::ArgumentError);
}

/// A gradient of this scope, too, is summed over the ranks that have pieces of x.
TEST(ReproducibleSumErrors, slabs_are_refused_in_any_scope) {
  const misfit::Shape image{static_cast<std::size_t>(2 * world_size()), 3};
  const misfit::Slabs slabs(MPI_COMM_WORLD, image);
  const misfit::DistributedOperator operators(slabs, 2,
                                              [&](int) { return misfit::FiniteDifference(image); });
  const auto y = operators.measurements(
      [&](int) { return vector_of<double>(4, misfit::FiniteDifference(image).range_size()); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const auto x = vector_of<double>(1, slabs.owned_size()),
             gradient = vector_of<double>(2, slabs.owned_size());
  for (const auto scope : {misfit::Scope::local, misfit::Scope::global})
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] { fidelity.fn_and_grad(Exec{}, x, y, operators, gradient, scope); },
        {"Sum::reproducible", "whole operators"});
}

/// A matrix that throws when it is told to.
struct Failing {
  std::size_t domain_size() const { return matrix.domain_size(); }
  std::size_t range_size() const { return matrix.range_size(); }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    if (*fails) throw std::runtime_error("planted");
    matrix.apply(exec, x, y);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    matrix.add_adjoint(exec, y, x);
  }

  misfit::test::MatrixOperator<double> matrix;
  const bool* fails;
};

TEST(ReproducibleSumErrors, an_error_of_one_rank_is_that_of_all) {
  if (world_size() > n) GTEST_SKIP() << "some ranks have no operator";
  for (const Partition& partition : {Partition::blocks(n), Partition::round_robin(n)}) {
    bool fails = false;
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, partition, [&](int i) {
      return Failing{misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 9, 700),
                     &fails};
    });
    const auto y = operators.measurements(
        [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 9); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                   Sum::reproducible);
    const auto x = vector_of<double>(1, 700), gradient = vector_of<double>(2, 700);
    const double before = fidelity.fn_and_grad(Exec{}, x, y, operators, gradient);
    for (const auto& ranks : misfit::test::fault_sets()) {
      fails = misfit::test::contains(ranks, world_rank());
      misfit::test::expect_same_error<misfit::CallbackError>(
          [&] { fidelity.fn_and_grad(Exec{}, x, y, operators, gradient); }, {"planted"});
      fails = false;
      EXPECT_EQ(fidelity.fn_and_grad(Exec{}, x, y, operators, gradient), before);
    }
  }
}

/// The first call finds the order of the sum, on all ranks or on none.
TEST(ReproducibleSumErrors, an_argument_of_one_rank_is_named_in_the_first_call) {
  for (const auto& ranks : misfit::test::fault_sets()) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [](int i) {
      return misfit::Mask(vector_of<double>(static_cast<std::size_t>(10 + i), 7));
    });
    const auto y = operators.measurements(
        [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 7); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                   Sum::reproducible);
    const auto wrong = vector_of<double>(1, misfit::test::contains(ranks, world_rank()) ? 8 : 7);
    for (int call = 0; call < 2; ++call)
      misfit::test::expect_same_error<misfit::ArgumentError>(
          [&] { fidelity.fn(Exec{}, wrong, y, operators); },
          {"rank " + std::to_string(ranks.front()), "x: has 8 entries"});
    const auto x = vector_of<double>(1, 7);
    EXPECT_EQ(fidelity.fn(Exec{}, x, y, operators), fidelity.fn(Exec{}, x, y, operators));
  }
}

TEST(ReproducibleSumErrors, nothing_is_none) {
  for (const std::size_t unknowns : {0, 3})
    for (const std::size_t batch : {0, 2}) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 7,
                                                  [=](int) { return misfit::Identity(unknowns); });
      const auto y =
          operators.measurements([=](int) { return Kokkos::View<double**>("y", batch, unknowns); });
      const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                     Sum::reproducible);
      const Kokkos::View<double**> x("x", batch, unknowns), g("g", batch, unknowns);
      EXPECT_EQ(fidelity.fn_and_grad(Exec{}, x, y, operators, g), std::vector<double>(batch, 0));
      auto point = fidelity.at(Exec{}, x, y, operators);
      point.gradient(g);
      EXPECT_EQ(point.value(), std::vector<double>(batch, 0));
    }
}

TEST(ReproducibleSumErrors, what_is_outside_a_domain_is_named) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, Partition::round_robin(n), [](int i) {
    const Kokkos::View<double*> mask("mask", 5);
    Kokkos::deep_copy(mask, i == 7 ? -1.0 : 1.0);
    return misfit::Mask(mask);
  });
  const auto y = operators.measurements([](int) {
    const Kokkos::View<double*> ones("ones", 5);
    Kokkos::deep_copy(ones, 1.0);
    return ones;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const Kokkos::View<double*> x("x", 5), gradient("gradient", 5);
  Kokkos::deep_copy(x, 2.0);
  EXPECT_TRUE(std::isinf(fidelity.fn(Exec{}, x, y, operators)));
  misfit::test::expect_same_error<misfit::DomainError>(
      [&] { fidelity.grad(Exec{}, x, y, operators, gradient); }, {"operator 7"});
}

TEST(ReproducibleSumErrors, kinds_that_differ_are_an_error) {
  if (world_size() == 1) GTEST_SKIP() << "needs two ranks";
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [](int i) {
    return misfit::Mask(vector_of<double>(static_cast<std::size_t>(10 + i), 7));
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 7); });
  const misfit::DistributedDataFidelity fidelity(
      misfit::L2{1.0}, misfit::Reduction::sum,
      world_rank() == 1 ? Sum::run_to_run : Sum::reproducible);
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { fidelity.fn(Exec{}, vector_of<double>(1, 7), y, operators); }, {"the kind of sum"});
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] {
        fidelity.fn(Exec{}, vector_of<double>(1, 7), y, operators,
                    misfit::Subset({0, 1}, misfit::Subset::Scale::none));
      },
      {"subset"});
}

}  // namespace
