// SPDX-License-Identifier: BSD-3-Clause

// Faults of one rank where operators are split: all ranks throw the same.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/partition.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::Dense;
using misfit::DistributedOperator;
using misfit::Partition;
using misfit::Rows;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

auto dense(std::size_t rows, std::size_t columns) {
  return Dense(batch_of<double>(1, rows, columns));
}

/// Not written to be split.
struct Same {
  std::size_t domain_size() const { return 4; }
  std::size_t range_size() const { return 4; }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::deep_copy(exec, y, x);
  }
};

// Operators whose last one is in parts on all ranks but the first.
const std::vector<double> costs{1, 1, 1000};

Kokkos::View<double**, Kokkos::LayoutRight> matrix(int i) {
  return batch_of<double>(static_cast<std::size_t>(i), i == 2 ? 40 : 4, 3);
}
auto whole_one(int i) { return Dense(matrix(i)); }
auto rows_of(int i, const Rows& rows) {
  const auto all = matrix(i);
  const Kokkos::View<double**, Kokkos::LayoutRight> own("own", rows.size(), 3);
  Kokkos::deep_copy(own, Kokkos::subview(all, std::pair(rows.begin, rows.end), Kokkos::ALL));
  return Dense(own);
}

class SplitCallFaults : public testing::Test {
 protected:
  const Exec exec{};
  const DistributedOperator<Dense<Kokkos::View<double**, Kokkos::LayoutRight>>> operators{
      MPI_COMM_WORLD, Partition::split(costs, {4, 4, 40}), rows_of};
  const Kokkos::View<double*> x = vector_of<double>(1, 3), g{"g", 3};
};

TEST(SplitFaults, factories) {
  const int last = world_size() - 1;
  const std::string rank = "rank " + std::to_string(last);
  expect_same_error<CallbackError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(costs), [&](int i) {
          if (i == 2 && world_rank() == last) throw std::runtime_error("no such file");
          return dense(40, 3);
        });
      },
      {rank + ", operator 2", "no such file"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(costs),
                            [](int i) { return dense(40, i == 2 ? 4 : 3); });
      },
      {"operator 2", "domain size is 4", "is 3"});
  if (world_size() < 3) return;
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(1),
                            [&](int) { return dense(40, world_rank() == last ? 12 : 3); });
      },
      {"operator 0", "domain size is 3 on this rank, and another on other ranks"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(costs),
                            [&](int) { return dense(world_rank() == last ? 41 : 40, 3); });
      },
      {"operator 2", "range size is"});
}

TEST(SplitFaults, checks_of_operators_that_are_not_linear) {
  const DistributedOperator operators(MPI_COMM_WORLD, Partition::split(2),
                                      [](int i) -> misfit::AnyOperator<double> {
                                        if (i == 0) return dense(40, 3);
                                        return misfit::PhaseRetrieval(dense(40, 3));
                                      });
  expect_same_error<ArgumentError>([&] { misfit::check_adjoint<double>(Exec(), operators); },
                                   {"operator 1", "checked only if it is linear"});
}

TEST(SplitFaults, plans_that_differ) {
  if (world_size() == 1) return;
  const int last = world_size() - 1;
  std::vector<double> other = costs;
  if (world_rank() == last) other[0] = 2;
  const auto make = [](int) { return dense(40, 3); };
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(MPI_COMM_WORLD, Partition::split(other), make); },
      {"rank " + std::to_string(last), "the fingerprint of the costs"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(world_rank() == last ? -1 : 2), make);
      },
      {"rank " + std::to_string(last), "the number of operators is -1"});
}

TEST(SplitFaults, plans_that_are_wrong) {
  const auto make = [](int) { return dense(40, 3); };
  const auto parts = [](int, const Rows& rows) { return dense(rows.size(), 3); };
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(MPI_COMM_WORLD, Partition::split({1.0, -2.0}), make); },
      {"costs: that of operator 1 is -2"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD,
                            Partition::split({1.0, std::numeric_limits<double>::quiet_NaN()}),
                            make);
      },
      {"costs: that of operator 1"});
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(MPI_COMM_WORLD, Partition::split(-3), make); },
      {"the number of operators is -3"});
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(MPI_COMM_WORLD, Partition::split(2), parts); },
      {"the factory takes rows", "Partition::split(costs, rows)"});
  expect_same_error<ArgumentError>(
      [&] { DistributedOperator(MPI_COMM_WORLD, Partition::split({1., 1.}, {3}), parts); },
      {"rows: are given for 1 operators of 2"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split({1., 1.}, {40, 40}),
                            [](int, const Rows& rows) { return dense(rows.size() + 1, 3); });
      },
      {"operator 0: range size is", "which is no positive multiple of"});
}

TEST(SplitFaults, operators_that_cannot_be_split) {
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(MPI_COMM_WORLD, Partition::split(2),
                            [](int) -> misfit::AnyOperator<double> { return Same{}; });
      },
      {"operator 0", "cannot be split", "on_rows(rows)"});
}

/// Of 4 rows, but for what it says of itself and of its parts.
struct Liar {
  std::size_t dimension = 0, rows = 4, shape = 4, more = 0, outputs = 4;

  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return outputs; }
  misfit::MeasurementRows measurement_rows() const { return {{shape}, dimension, {0, rows}}; }
  Liar on_rows(const Rows& some) const {
    Liar part = *this;
    part.outputs = some.size() + more;
    return part;
  }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec&, const X&, const Y&) const {}
};

TEST(SplitFaults, operators_that_say_what_is_not_so) {
  const auto refused = [](const Liar& liar, const std::string& text) {
    expect_same_error<ArgumentError>(
        [&] {
          DistributedOperator(MPI_COMM_WORLD, Partition::split(world_size()),
                              [&](int) { return liar; });
        },
        {"operator 0", text});
  };
  refused({.dimension = 7}, "along dimension 7 of a measurement of 4");
  refused({.rows = 5}, "rows 0 to 5 (without 5)");
  refused({.rows = 5, .shape = 5}, "of a measurement of 5, range size is 4");
  refused({.more = 1}, "its part has range size 5");
  refused({.rows = 3}, "all ranks together have 3 of its 4 rows");
}

TEST_F(SplitCallFaults, a_factory_of_parts_gives_what_whole_operators_give) {
  const DistributedOperator whole(MPI_COMM_SELF, 3, whole_one);
  const auto data = [](int i) {
    return vector_of<double>(10 + static_cast<std::size_t>(i), i == 2 ? 40 : 4);
  };
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const double expected = fidelity.fn(exec, x, whole.measurements(data), whole);
  EXPECT_NEAR(fidelity.fn(exec, x, operators.measurements(data), operators), expected,
              1e-12 * expected);
  const auto by_rows = operators.measurements([&](int i, const Rows& rows) {
    const Kokkos::View<double*> own("own", rows.size());
    Kokkos::deep_copy(own, Kokkos::subview(data(i), std::pair(rows.begin, rows.end)));
    return own;
  });
  EXPECT_EQ(fidelity.fn(exec, x, by_rows, operators),
            fidelity.fn(exec, x, operators.measurements(data), operators));
}

TEST_F(SplitCallFaults, measurements_of_another_length) {
  const int last = world_size() - 1;
  expect_same_error<ArgumentError>(
      [&] {
        operators.measurements([&](int, const Rows& rows) {
          return vector_of<double>(1, rows.size() + (world_rank() == last ? 1 : 0));
        });
      },
      {"rank " + std::to_string(last) + ", operator", "y: has"});
}

TEST_F(SplitCallFaults, distances_of_whole_measurements) {
  const auto y =
      operators.measurements([](int i) { return vector_of<double>(1, i == 2 ? 40 : 4); });
  const misfit::DistributedDataFidelity indicator(misfit::IndicatorL2{1.0});
  expect_same_error<ArgumentError>([&] { indicator.fn(exec, x, y, operators); },
                                   {"the distance needs measurements that are whole"});
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const double before = fidelity.fn(exec, x, y, operators);
  expect_same_error<ArgumentError>([&] { indicator.fn(exec, x, y, operators); }, {"whole"});
  EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, g), before);
}

}  // namespace
