// SPDX-License-Identifier: BSD-3-Clause

// A data fidelity of an ensemble, whose operators are applied by several ranks together, against
// that of the same matrices on one rank; and slabs in the members of an ensemble.

#include "evaluation/shared_matrix.hpp"
#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::DistributedOperator;
using misfit::Ensemble;
using misfit::Reduction;
using misfit::Rows;
using misfit::Scope;
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::expect_same_error;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::SharedMatrix;
using misfit::test::world_rank;
using misfit::test::world_size;

std::vector<int> sizes_of_members() {
  std::vector<int> sizes;
  for (int size = 1; size <= world_size(); ++size)
    if (world_size() % size == 0) sizes.push_back(size);
  return sizes;
}

template <typename T>
class EnsembleFidelity : public misfit::test::SlabTest<T> {
 protected:
  static constexpr std::size_t m = 6, n = 7;

  /// This rank's columns of signals that are the same on all ranks.
  static Batch<T> columns(const Batch<T>& all, const Rows& rows) {
    const Batch<T> own("own", all.extent(0), rows.size());
    Kokkos::deep_copy(own, Kokkos::subview(all, Kokkos::ALL, std::pair(rows.begin, rows.end)));
    return own;
  }
  /// By solvers, whose members all go on or all stop.
  template <typename Parts, typename Whole, typename Y, typename AllY>
  void expect_same_solution(const misfit::Slabs& slabs, const Parts& parts, const Whole& whole,
                            const Y& y, const AllY& all_y) const {
    const Batch<T> x("x", 2, slabs.shape().size()), own("own x", 2, slabs.owned_size());
    const misfit::LeastSquaresOptions options{
        .tolerance = 1e-3, .max_iterations = 100, .tikhonov = 1};
    EXPECT_TRUE(whole.least_squares(this->exec, all_y, x, options).converged);
    EXPECT_TRUE(parts.least_squares(this->exec, y, own, options).converged);
    const auto found = on_host(own), expected = on_host(this->cut(slabs, x));
    for (std::size_t j = 0; j < found.size(); ++j)
      ASSERT_LE(std::abs(misfit::test::widen(found[j]) - misfit::test::widen(expected[j])), 2e-2);
    const double norm = whole.template norm_squared<T>(this->exec).value;
    EXPECT_NEAR(parts.template norm_squared<T>(this->exec).value, norm, 5e-3 * norm);
  }
  static Batch<T> data(int i) { return batch_of<T>(30 + static_cast<std::size_t>(i), 2, m); }
};
TYPED_TEST_SUITE(EnsembleFidelity, misfit::test::TwoScalars);

TYPED_TEST(EnsembleFidelity, is_that_of_whole_operators) {
  using T = TypeParam;
  const std::size_t m = TestFixture::m, n = TestFixture::n;
  for (const int ranks : sizes_of_members()) {
    const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks});
    const misfit::Communicator& space = ensemble.space();
    EXPECT_EQ(ensemble.across_members().size() * space.size(), world_size());
    const Rows inputs = SharedMatrix<T>::piece(space, n),
               outputs = SharedMatrix<T>::piece(space, m);
    for (const int count : std::set{0, 1, ensemble.size(), ensemble.size() + 1, 5}) {
      SCOPED_TRACE(std::to_string(ranks) + " ranks a member, " + std::to_string(count) +
                   " operators");
      const DistributedOperator parts(ensemble, count, [&](int i) {
        return SharedMatrix<T>(space, static_cast<std::size_t>(i), m, n);
      });
      const DistributedOperator whole(MPI_COMM_SELF, count, [&](int i) {
        return MatrixOperator<T>(static_cast<std::size_t>(i), m, n);
      });
      const auto y =
          parts.measurements([&](int i) { return this->columns(this->data(i), outputs); });
      const auto all_y = whole.measurements([&](int i) { return this->data(i); });
      const auto x = batch_of<T>(1, 2, n);
      const auto own_x = this->columns(x, inputs);
      const Batch<T> g("g", 2, n), own_g("own g", 2, inputs.size());
      for (const Reduction reduction : {Reduction::sum, Reduction::mean}) {
        const misfit::DistributedDataFidelity fidelity(misfit::Huber{0.7}, reduction);
        const auto expected = fidelity.fn_and_grad(this->exec, x, all_y, whole, g);
        const auto values = fidelity.fn_and_grad(this->exec, own_x, y, parts, own_g);
        for (std::size_t b = 0; b < 2; ++b)
          EXPECT_NEAR(values[b], expected[b], 100 * this->epsilon * (1 + expected[b]));
        this->expect_near(own_g, this->columns(g, inputs), 50);
        EXPECT_EQ(fidelity.fn(this->exec, own_x, y, parts), values);
        auto shares = fidelity.fn(this->exec, own_x, y, parts, Scope::local);
        parts.communicator().sum(shares.data(), shares.size());
        for (std::size_t b = 0; b < 2; ++b)
          EXPECT_NEAR(shares[b], values[b], 1e-12 * (1 + values[b]));
      }
      auto own_y = parts.template allocate_measurements<T>(2);
      auto mine = whole.template allocate_measurements<T>(2);
      parts.forward(this->exec, own_x, own_y, Scope::local);
      whole.forward(this->exec, x, mine, Scope::local);
      this->exec.fence();
      for (std::size_t k = 0; k < own_y.size(); ++k)
        this->expect_near(
            own_y[k],
            this->columns(mine[static_cast<std::size_t>(parts.local_indices()[k])], outputs), 50);
      parts.adjoint(this->exec, own_y, own_g);
      whole.adjoint(this->exec, mine, g);
      this->expect_near(own_g, this->columns(g, inputs), 500);
      parts.normal(this->exec, own_x, own_g);
      whole.normal(this->exec, x, g);
      this->expect_near(own_g, this->columns(g, inputs), 500);
    }
  }
}

TYPED_TEST(EnsembleFidelity, solvers_and_checkers) {
  using T = TypeParam;
  const std::size_t m = TestFixture::m, n = TestFixture::n;
  for (const int ranks : sizes_of_members()) {
    SCOPED_TRACE(std::to_string(ranks) + " ranks a member");
    const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks});
    const misfit::Communicator& space = ensemble.space();
    const Rows inputs = SharedMatrix<T>::piece(space, n),
               outputs = SharedMatrix<T>::piece(space, m);
    const DistributedOperator parts(ensemble, misfit::Partition::blocks(3), [&](int i) {
      return SharedMatrix<T>(space, static_cast<std::size_t>(i), m, n);
    });
    const DistributedOperator whole(MPI_COMM_SELF, 3, [&](int i) {
      return MatrixOperator<T>(static_cast<std::size_t>(i), m, n);
    });
    const auto y = parts.measurements([&](int i) { return this->columns(this->data(i), outputs); });
    const auto all_y = whole.measurements([&](int i) { return this->data(i); });
    const misfit::SolverOptions options{.tolerance = 1e-4, .max_iterations = 200};
    const double norm = whole.template norm_squared<T>(this->exec, options).value;
    const auto own_norm = parts.template norm_squared<T>(this->exec, options);
    EXPECT_TRUE(own_norm.converged);
    EXPECT_NEAR(own_norm.value, norm, 1e-3 * norm);

    const Batch<T> x("x", 2, n), own_x("own x", 2, inputs.size());
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
    EXPECT_TRUE(
        fidelity.prox(this->exec, 0.1, batch_of<T>(1, 2, n), all_y, whole, x, options).converged);
    const auto v = this->columns(batch_of<T>(1, 2, n), inputs);
    EXPECT_TRUE(fidelity.prox(this->exec, 0.1, v, y, parts, own_x, options).converged);
    const auto expected = on_host(this->columns(x, inputs)), found = on_host(own_x);
    for (std::size_t j = 0; j < found.size(); ++j)
      ASSERT_LE(std::abs(misfit::test::widen(found[j]) - misfit::test::widen(expected[j])), 5e-3);
    EXPECT_TRUE(
        parts.least_squares(this->exec, y, own_x, {.tolerance = 1e-2, .tikhonov = 1}).converged);
    const auto adjoint = misfit::check_adjoint<T>(this->exec, parts);
    EXPECT_TRUE(adjoint.passed()) << adjoint;
  }
}

TYPED_TEST(EnsembleFidelity, slabs_in_members) {
  using T = TypeParam;
  for (const int ranks : sizes_of_members())
    for (const misfit::test::SlabCase& test : misfit::test::slab_cases()) {
      SCOPED_TRACE(test.text() + ", " + std::to_string(ranks) + " ranks a member");
      const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = ranks});
      const misfit::Slabs slabs(ensemble, test.shape, {.dimension = test.dimension});
      for (const int n : {1, 4}) {
        const auto make = [&](int i) { return test.make<T>(i); };
        const DistributedOperator parts(slabs, n, make);
        const DistributedOperator whole(MPI_COMM_SELF, n, make);
        const auto data = [&](int i) {
          return batch_of<T>(30 + static_cast<std::size_t>(i), 2, whole.range_size(i));
        };
        const auto y = parts.measurements(data), all_y = whole.measurements(data);
        const auto x = batch_of<T>(1, 2, test.shape.size());
        const Batch<T> g("g", 2, test.shape.size()), own_g("own g", 2, slabs.owned_size());
        const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
        const auto expected = fidelity.fn_and_grad(this->exec, x, all_y, whole, g);
        const auto values = fidelity.fn_and_grad(this->exec, this->cut(slabs, x), y, parts, own_g);
        for (std::size_t b = 0; b < 2; ++b)
          EXPECT_NEAR(values[b], expected[b], 100 * this->epsilon * (1 + expected[b]));
        this->expect_near(own_g, this->cut(slabs, g), 50.0 * (n + 1));
        parts.normal(this->exec, this->cut(slabs, x), own_g);
        whole.normal(this->exec, x, g);
        this->expect_near(own_g, this->cut(slabs, g), 500);
        if (n == 4 && test.factor == 2) this->expect_same_solution(slabs, parts, whole, y, all_y);
      }
    }
}

class EnsembleFaults : public testing::Test {
 protected:
  static constexpr std::size_t m = 6, n = 7;
  const misfit::test::Exec exec{};
  const Ensemble ensemble{MPI_COMM_WORLD, {.ranks_per_member = world_size() % 2 == 0 ? 2 : 1}};
  const int last = world_size() - 1;
  const std::string rank = "rank " + std::to_string(world_size() - 1);

  auto operators(std::size_t unknowns = n) const {
    return DistributedOperator(ensemble, 9, [&, unknowns](int i) {
      return SharedMatrix<double>(ensemble.space(), static_cast<std::size_t>(i), m, unknowns);
    });
  }
  static Kokkos::View<double*> filled(std::size_t size, double value) {
    const Kokkos::View<double*> view("filled", size);
    Kokkos::deep_copy(view, value);
    return view;
  }
};

TEST_F(EnsembleFaults, members_that_do_not_fit) {
  expect_same_error<ArgumentError>(
      [&] { Ensemble(MPI_COMM_WORLD, {.ranks_per_member = world_size() + 1}); },
      {"make no whole number of members"});
  expect_same_error<ArgumentError>([&] { Ensemble(MPI_COMM_WORLD, {.ranks_per_member = 0}); },
                                   {"ranks_per_member: is 0"});
  if (world_size() == 1) return;
  expect_same_error<ArgumentError>(
      [&] { Ensemble(MPI_COMM_WORLD, {.ranks_per_member = world_rank() == last ? 2 : 1}); },
      {rank, "ranks_per_member"});
  if (ensemble.size() == 1) return;
  expect_same_error<ArgumentError>([&] { operators(ensemble.member() == 0 ? 8 : 9); },
                                   {"all members cut x alike"});
}

TEST_F(EnsembleFaults, arguments_of_one_rank) {
  const auto all = operators();
  const Rows inputs = SharedMatrix<double>::piece(ensemble.space(), n);
  const auto y = all.measurements([&](int i) { return filled(all.range_size(i), 3); });
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{});
  const auto x = filled(inputs.size(), 20), g = filled(inputs.size(), 0);
  const double norm = all.norm_squared<double>(exec).value;
  EXPECT_GT(norm, 0);
  const auto longer = filled(inputs.size() + (world_rank() == last ? 1 : 0), 20);
  for (const Scope scope : {Scope::global, Scope::local}) {
    expect_same_error<ArgumentError>([&] { fidelity.fn(exec, longer, y, all, scope); },
                                     {rank, "x: has"});
    expect_same_error<ArgumentError>([&] { fidelity.grad(exec, x, y, all, longer, scope); },
                                     {rank, "gradient: has"});
    expect_same_error<ArgumentError>([&] { all.adjoint(exec, y, longer, scope); },
                                     {rank, "x: has"});
    expect_same_error<ArgumentError>([&] { all.normal(exec, longer, g, scope); }, {rank, "x: has"});
  }
  expect_same_error<ArgumentError>(
      [&] {
        all.measurements(
            [&](int i) { return filled(all.range_size(i) + (world_rank() == last ? 1 : 0), 3); });
      },
      {rank, "y: has"});
  EXPECT_EQ(all.norm_squared<double>(exec).value, norm);
}

// Only some ranks of a member see entries outside; none of them applies an operator again.
TEST_F(EnsembleFaults, outside_of_the_domain) {
  const auto all = operators();
  const Rows inputs = SharedMatrix<double>::piece(ensemble.space(), n);
  const auto y = all.measurements([&](int i) { return filled(all.range_size(i), 3); });
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{});
  const auto x = filled(inputs.size(), -20), g = filled(inputs.size(), 0);
  expect_same_error<misfit::DomainError>([&] { fidelity.fn_and_grad(exec, x, y, all, g); },
                                         {"fn_and_grad"});
}

// A factory that communicates is called only where all ranks of a member make the same operators.
TEST_F(EnsembleFaults, partitions_that_differ) {
  if (world_size() == 1) return;
  const auto shared = [&](int) {
    ensemble.space().agree("read_mesh", [] {});
    return SharedMatrix<double>(ensemble.space(), 1, m, n);
  };
  const std::vector<int> first(3, 0), other{0, ensemble.size() - 1, 0};
  const bool differ = ensemble.size() > 1;
  const auto make = [&] {
    const auto own = misfit::Partition::from_owners(world_rank() == last ? other : first);
    DistributedOperator(ensemble, own, shared);
  };
  if (differ)
    expect_same_error<ArgumentError>(make, {"the fingerprint of the partition"});
  else
    make();
}

TEST_F(EnsembleFaults, numbers_of_operators_in_slabs_that_differ) {
  if (world_size() == 1) return;
  const misfit::Slabs slabs(ensemble, {12});
  expect_same_error<ArgumentError>(
      [&] {
        const int own = world_rank() == last ? 1 : 3 * ensemble.size();
        DistributedOperator(slabs, own, [&](int) {
          ensemble.space().agree("read_mesh", [] {});
          return misfit::Identity(12);
        });
      },
      {"n is"});
}

TEST_F(EnsembleFaults, operators_that_agree_on_their_errors) {
  const auto shared = [&](int) {
    ensemble.space().agree("read_mesh", [&] {
      if (world_rank() == last) throw std::runtime_error("no such mesh");
    });
    return SharedMatrix<double>(ensemble.space(), 1, m, n);
  };
  expect_same_error<misfit::CallbackError>([&] { DistributedOperator(ensemble, 5, shared); },
                                           {"no such mesh"});
}

}  // namespace
