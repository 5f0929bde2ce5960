// SPDX-License-Identifier: BSD-3-Clause

// Faults of one rank where the domain is in slabs: all ranks throw the same, before or after rows
// were sent, and the next call is right.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Blur;
using misfit::CallbackError;
using misfit::DistributedOperator;
using misfit::Slabs;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::positive_vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

Kokkos::View<double*> data_of(int i) {
  return positive_vector_of(10 + static_cast<std::size_t>(i), 51);
}

class SlabFaults : public testing::Test {
 protected:
  static constexpr int n = 3;
  static Blur<double> make(int) {
    const Kokkos::View<double**, Kokkos::LayoutRight> kernel("kernel", 3, 3);
    Kokkos::deep_copy(kernel, 0.25);
    return Blur<double>({17, 3}, kernel, misfit::Padding::replicate);
  }

  const Exec exec{};
  const Slabs slabs{MPI_COMM_WORLD, {17, 3}};
  const DistributedOperator<Blur<double>> operators{slabs, n, make};
  const misfit::Measurements<Kokkos::View<double*>> y = operators.measurements(data_of);
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
  const Kokkos::View<double*> x =
      positive_vector_of(static_cast<std::size_t>(world_rank()), slabs.owned_size());
  const Kokkos::View<double*> gradient{"gradient", slabs.owned_size()};
  const double right = fidelity.fn(exec, x, y, operators);

  void expect_still_right() {
    EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, gradient), right);
  }
};

std::vector<int> culprits() {
  return world_size() == 1 ? std::vector{0} : std::vector{0, world_size() - 1};
}
std::string rank_text(int rank) { return "rank " + std::to_string(rank); }

TEST_F(SlabFaults, factories_throw) {
  for (const int rank : culprits()) {
    const auto thrower = [&](int i) {
      if (i == 1 && world_rank() == rank) throw std::runtime_error("no such file");
      return make(i);
    };
    expect_same_error<CallbackError>([&] { DistributedOperator(slabs, n, thrower); },
                                     {rank_text(rank) + ", operator 1", "no such file"});
    expect_same_error<CallbackError>(
        [&] {
          operators.measurements([&](int i, const misfit::Rows& rows) {
            if (i == 1 && world_rank() == rank) throw std::runtime_error("no such file");
            return positive_vector_of(1, 3 * rows.size());
          });
        },
        {rank_text(rank) + ", operator 1", "no such file"});
    expect_same_error<ArgumentError>(
        [&] {
          operators.measurements([&](int, const misfit::Rows& rows) {
            return positive_vector_of(1, 3 * rows.size() + (world_rank() == rank ? 1 : 0));
          });
        },
        {rank_text(rank) + ", operator 0", "y: has"});
    expect_still_right();
  }
}

TEST_F(SlabFaults, halos_and_numbers_differ) {
  if (world_size() == 1) return;
  const int last = world_size() - 1;
  const auto wider = [&](int) {
    const auto kernel = batch_of<double>(1, world_rank() == last ? 5 : 3, 3);
    return Blur<double>({17, 3}, kernel, misfit::Padding::replicate);
  };
  expect_same_error<ArgumentError>([&] { DistributedOperator(slabs, n, wider); },
                                   {rank_text(last), "the rows before"});
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(slabs, world_rank() == last ? 2 : 3, make); },
      {rank_text(last), "n is 2"});
  expect_still_right();
}

TEST_F(SlabFaults, arguments_of_one_rank) {
  for (const int rank : culprits()) {
    const bool here = world_rank() == rank;
    const auto longer = positive_vector_of(1, slabs.owned_size() + (here ? 1 : 0));
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, longer, y, operators); },
                                     {rank_text(rank), "x: has"});
    expect_same_error<ArgumentError>([&] { fidelity.grad(exec, x, y, operators, longer); },
                                     {rank_text(rank), "gradient: has"});
    expect_same_error<ArgumentError>([&] { operators.adjoint(exec, y, longer); },
                                     {rank_text(rank), "x: has"});
    expect_same_error<ArgumentError>([&] { operators.normal(exec, longer, gradient); },
                                     {rank_text(rank), "x: has"});
    std::vector<Kokkos::View<double*>> other;
    for (const int i : operators.local_indices())
      other.push_back(positive_vector_of(1, operators.range_size(i) + (here && i == 1 ? 1 : 0)));
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, x, other, operators); },
                                     {rank_text(rank) + ", operator 1", "y: has"});
    expect_same_error<ArgumentError>(
        [&] { operators.forward(exec, x, other, misfit::Scope::local); },
        {rank_text(rank) + ", operator 1", "y: has"});
    expect_still_right();
  }
}

TEST_F(SlabFaults, outside_of_the_domain_on_one_rank) {
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});
  for (const int rank : culprits())
    for (const auto scope : {misfit::Scope::global, misfit::Scope::local}) {
      const Kokkos::View<double*> negative("negative", slabs.owned_size());
      Kokkos::deep_copy(negative, world_rank() == rank ? -1.0 : 50.0);
      expect_same_error<misfit::DomainError>(
          [&] { poisson.fn_and_grad(exec, negative, y, operators, gradient, scope); }, {"rank"});
      expect_still_right();
    }
}

TEST_F(SlabFaults, distances_of_whole_measurements) {
  const misfit::DistributedDataFidelity indicator(misfit::IndicatorL2{1.0});
  expect_same_error<ArgumentError>([&] { indicator.fn(exec, x, y, operators); },
                                   {"the distance needs measurements that are whole"});
  expect_still_right();
}

}  // namespace
