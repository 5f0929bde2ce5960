// SPDX-License-Identifier: BSD-3-Clause
#include "support/fault_test.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
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

TEST_F(FaultTest, factory_of_operators_throws) {
  for (const auto& ranks : fault_sets()) {
    const auto make_or_throw = [&](int i) {
      if (contains(ranks, world_rank())) throw std::runtime_error("no such file");
      return make(i);
    };
    const std::vector<std::string> told{place_text(ranks), "no such file"};
    expect_same_error<CallbackError>(
        [&] { misfit::DistributedOperator(MPI_COMM_WORLD, n, make_or_throw); }, told);
    expect_same_error<CallbackError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n,
                                      [&](int i, std::size_t) { return make_or_throw(i); });
        },
        told);
  }
}

TEST_F(FaultTest, factory_of_measurements_throws) {
  for (const auto& ranks : fault_sets()) {
    expect_same_error<CallbackError>(
        [&] {
          operators.measurements([&](int) {
            if (contains(ranks, world_rank())) throw std::runtime_error("no such file");
            return vector_of<double>(1, rows);
          });
        },
        {place_text(ranks), "no such file"});
    expect_same_error<CallbackError>(
        [&] {
          operators.measurements([&](int, std::size_t k) {
            if (contains(ranks, world_rank()) && k == 1) throw std::runtime_error("no such file");
            return vector_of<double>(1, rows);
          });
        },
        {rank_text(ranks) + ", operator " + std::to_string(ranks.front() + world_size()),
         "no such file"});
    expect_still_right();
  }
}

TEST_F(FaultTest, measurement_of_the_wrong_size_or_not_finite) {
  for (const auto& ranks : fault_sets()) {
    const auto measure = [&](std::size_t size, double entry) {
      return [=, this] {
        operators.measurements([&](int) {
          const bool bad = contains(ranks, world_rank());
          const auto view = vector_of<double>(1, bad ? size : rows);
          if (bad && size > 0) Kokkos::deep_copy(Kokkos::subview(view, size - 1), entry);
          return view;
        });
      };
    };
    expect_same_error<ArgumentError>(measure(rows + 1, 1.0),
                                     {place_text(ranks), "y: has 5 entries"});
    expect_same_error<ArgumentError>(measure(rows - 1, 1.0),
                                     {place_text(ranks), "y: has 3 entries"});
    expect_same_error<ArgumentError>(measure(0, 1.0), {place_text(ranks), "y: has 0 entries"});
    expect_same_error<ArgumentError>(measure(rows, std::nan("")),
                                     {place_text(ranks), "y: has entries that are not finite"});
    expect_same_error<ArgumentError>(measure(rows, INFINITY), {place_text(ranks), "not finite"});
    expect_still_right();
  }
}

TEST_F(FaultTest, number_of_operators_or_partition_differs) {
  if (world_size() == 1) return;
  const bool last = world_rank() == world_size() - 1;
  const auto rank = "rank " + std::to_string(world_size() - 1);
  expect_same_error<ArgumentError>(
      [&] { misfit::DistributedOperator(MPI_COMM_WORLD, last ? 6 : 5, make); },
      {rank, "n is 6", "5 on rank 0"});
  expect_same_error<ArgumentError>(
      [&] { misfit::DistributedOperator(MPI_COMM_WORLD, last ? -1 : 5, make); },
      {rank, "n: the number of operators is -1"});
  expect_same_error<ArgumentError>(
      [&] {
        misfit::DistributedOperator(
            MPI_COMM_WORLD, last ? misfit::Partition::blocks(n) : misfit::Partition::round_robin(n),
            make);
      },
      {rank, "partition"});
}

TEST_F(FaultTest, operators_of_different_domains) {
  const auto text = [](int i, std::size_t size, std::size_t of_0) {
    return "operator " + std::to_string(i) + ": domain size is " + std::to_string(size) +
           ", that of operator 0 is " + std::to_string(of_0);
  };
  for (const int i : {0, n - 2, n - 1})
    expect_same_error<ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int k) {
            return MatrixOperator<double>(0, rows, k == i ? unknowns + 1 : unknowns);
          });
        },
        {i == 0 ? text(1, unknowns, unknowns + 1) : text(i, unknowns + 1, unknowns)});
}

TEST_F(FaultTest, parameters_of_distances) {
  for (const auto& ranks : fault_sets()) {
    for (const double sigma : {0.0, -1.0, std::nan(""), static_cast<double>(INFINITY)})
      expect_same_error<ArgumentError>(
          [&] {
            misfit::DistributedDataFidelity(operators, [&](int) {
              return misfit::L2{contains(ranks, world_rank()) ? sigma : 1.0};
            });
          },
          {place_text(ranks), "sigma"});
    for (const double weight : {-1.0, std::nan("")})
      expect_same_error<ArgumentError>(
          [&] {
            misfit::DistributedDataFidelity(operators, [&](int) {
              Kokkos::View<double*> weights("weights", rows);
              Kokkos::deep_copy(weights, contains(ranks, world_rank()) ? weight : 1.0);
              return misfit::WeightedL2{weights};
            });
          },
          {place_text(ranks), "weights"});
    const misfit::DistributedDataFidelity sized(operators, [&](int) {
      Kokkos::View<double*> weights("weights", contains(ranks, world_rank()) ? rows + 2 : rows);
      Kokkos::deep_copy(weights, 1.0);
      return misfit::WeightedL2{weights};
    });
    expect_same_error<ArgumentError>([&] { sized.fn(exec, x, y, operators); },
                                     {place_text(ranks), "weights"});
    expect_still_right();
  }
}

TEST_F(FaultTest, fidelity_for_other_operators) {
  const misfit::DistributedDataFidelity own(operators, [](int) { return misfit::L2{}; });
  const misfit::DistributedOperator others(
      MPI_COMM_WORLD,
      misfit::Partition::from_owners(std::vector<int>(static_cast<std::size_t>(n), 0)), make);
  if (world_size() == 1) return;
  std::vector<Kokkos::View<double*>> all(static_cast<std::size_t>(n), vector_of<double>(3, rows));
  expect_same_error<ArgumentError>([&] { own.fn(exec, x, all, others); }, {"rank 0", "operators"});
}

}  // namespace
