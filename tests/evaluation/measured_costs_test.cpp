// SPDX-License-Identifier: BSD-3-Clause

// Costs of operators as they are measured: the larger the dearer, the same on all ranks, one
// operator at a time. Sizes differ by 16 times, so that no other load turns their order round.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/error.hpp>
#include <misfit/measured_costs.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/partition.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::Dense;
using misfit::measured_costs;
using misfit::Partition;
using misfit::Vector;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::world_rank;
using misfit::test::world_size;
using Complex = Kokkos::complex<float>;

auto dense(std::size_t rows) { return Dense(batch_of<double>(1, rows, 400)); }

/// What the operators of a rank have done.
struct Record {
  std::vector<int> made;
  int alive = 0, most_alive = 0, applied = 0, derived = 0;
};

/// From complex signals to real measurements, not linear; it tells its record.
class Recorded {
 public:
  Recorded(Record& record, int i) : alive_(&record, [](Record* r) { --r->alive; }) {
    record.made.push_back(i);
    record.most_alive = std::max(record.most_alive, ++record.alive);
  }

  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 2; }
  void apply(const Exec&, const Vector<const Complex>&, const Vector<float>&) const {
    ++alive_->applied;
  }
  void add_vjp(const Exec&, const Vector<const Complex>&, const Vector<const float>&,
               const Vector<Complex>&) const {
    ++alive_->derived;
  }

 private:
  std::shared_ptr<Record> alive_;
};

/// Not applied where it is told so.
struct Refusing {
  bool refuses;

  std::size_t domain_size() const { return 4; }
  std::size_t range_size() const { return 4; }
  template <typename X, typename Y>
  void apply(const Exec&, const X&, const Y&) const {
    if (refuses) throw std::runtime_error("no licence");
  }
};

void expect_equal_on_all_ranks(const std::vector<double>& costs) {
  auto first = costs;
  MPI_Bcast(first.data(), static_cast<int>(first.size()), MPI_DOUBLE, 0, MPI_COMM_WORLD);
  EXPECT_EQ(std::memcmp(first.data(), costs.data(), first.size() * sizeof(double)), 0);
}

TEST(MeasuredCosts, are_higher_for_larger_operators) {
  const std::size_t rows[] = {64, 1024, 4};
  const auto costs =
      measured_costs(Exec{}, MPI_COMM_WORLD, 3, [&](int i) { return dense(rows[i]); });
  ASSERT_EQ(costs.size(), 3U);
  EXPECT_GT(costs[2], 0);
  EXPECT_LT(costs[2], 0.5);  // of 1600 numbers
  EXPECT_GT(costs[0], costs[2]);
  EXPECT_GT(costs[1], costs[0]);
  expect_equal_on_all_ranks(costs);
  EXPECT_NO_THROW(Partition::split(costs).parts(world_rank(), world_size()));
}

TEST(MeasuredCosts, one_operator_at_a_time_is_made_and_timed) {
  const int n = 2 * world_size() + 1;
  Record record;
  const auto costs = measured_costs<Complex>(Exec{}, MPI_COMM_WORLD, n, [&](int i, std::size_t k) {
    EXPECT_EQ(record.made.size(), k);
    return Recorded(record, i);
  });
  EXPECT_EQ(costs.size(), static_cast<std::size_t>(n));
  EXPECT_EQ(record.made, Partition::round_robin(n).local_indices(world_rank(), world_size()));
  EXPECT_EQ(record.alive, 0);
  EXPECT_EQ(record.most_alive, 1);
  EXPECT_GE(record.applied, 2 * static_cast<int>(record.made.size()));
  EXPECT_EQ(record.derived, record.applied);
  expect_equal_on_all_ranks(costs);
}

TEST(MeasuredCosts, of_none_and_of_fewer_than_ranks) {
  const auto make = [](int) { return dense(3); };
  EXPECT_TRUE(measured_costs(Exec{}, MPI_COMM_WORLD, 0, make).empty());
  const auto costs = measured_costs(Exec{}, MPI_COMM_WORLD, 1, make);
  ASSERT_EQ(costs.size(), 1U);
  EXPECT_GT(costs[0], 0);
  expect_equal_on_all_ranks(costs);
}

TEST(MeasuredCosts, faults_of_one_rank_are_those_of_all) {
  const int n = world_size() + 1, last = world_size() - 1;
  const std::string place = "rank " + std::to_string(last) + ", operator " + std::to_string(last);
  expect_same_error<CallbackError>(
      [&] {
        measured_costs(Exec{}, MPI_COMM_WORLD, n, [&](int i) {
          if (i == last) throw std::runtime_error("no such file");
          return dense(2);
        });
      },
      {"measured_costs: " + place, "no such file"});
  expect_same_error<CallbackError>(
      [&] {
        measured_costs(Exec{}, MPI_COMM_WORLD, n, [&](int i) { return Refusing{i == last}; });
      },
      {"measured_costs: " + place, "no licence"});
  const auto make = [](int) { return Refusing{false}; };
  expect_same_error<ArgumentError>([&] { measured_costs(Exec{}, MPI_COMM_WORLD, -3, make); },
                                   {"the number of operators is -3"});
  if (world_size() == 1) return;
  expect_same_error<ArgumentError>(
      [&] { measured_costs(Exec{}, MPI_COMM_WORLD, world_rank() == last ? n + 1 : n, make); },
      {"rank " + std::to_string(last), "n is"});
}

}  // namespace
