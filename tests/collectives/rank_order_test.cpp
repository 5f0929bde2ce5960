// SPDX-License-Identifier: BSD-3-Clause

// Sums over ranks are taken in one order, whatever was called before, whatever way they go and
// whatever MPI would do: the same call has the same bits.

#include "../core/collectives/rank_sum.hpp"
#include "collectives/sum_in_order.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Communicator;
using misfit::Scope;
using misfit::detail::ErrorContext;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::sum_in_order;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

template <typename T>
std::vector<T> part(int rank, std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t j = 0; j < n; ++j) values[j] = entry<T>(static_cast<std::size_t>(rank), j);
  return values;
}

template <typename T>
std::vector<T> sum_of_parts(std::size_t n) {
  std::vector<std::vector<T>> parts;
  for (int rank = 0; rank < world_size(); ++rank) parts.push_back(part<T>(rank, n));
  return sum_in_order(parts);
}

/// Not by ==, for which −0 is 0.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Runs `test` where ranks may sum through the memory of their node, then where they may not.
void with_and_without_node_sum(const std::function<void()>& test) {
  test();
  setenv("MISFIT_NODE_SUM", "0", 1);
  test();
  unsetenv("MISFIT_NODE_SUM");
}

template <typename T>
class RankOrderTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(RankOrderTest, Scalars);

// With the header, after it, and in several pieces.
const std::vector<std::size_t> sizes{1, 2, 17, 191, 192, 384, 767, 1025, 5003, 40001};

TYPED_TEST(RankOrderTest, vectors) {
  using T = TypeParam;
  const Exec exec;
  with_and_without_node_sum([&] {
    const Communicator comm(MPI_COMM_WORLD);
    for (const std::size_t n : sizes) {
      const auto expected = sum_of_parts<T>(n);
      for (int turn = 0; turn < 2; ++turn) {
        const auto view = vector_of<T>(static_cast<std::size_t>(world_rank()), n);

        comm.all_reduce_sum(exec, view);

        EXPECT_TRUE(same_bits(on_host(view), expected)) << n << " entries, turn " << turn;
      }
    }
  });
}

// As on a device whose memory MPI reads; here with hundreds of pieces.
TEST(RankOrder, kernels_add_what_arrives) {
  if (!misfit::detail::on_host<Exec>) GTEST_SKIP() << "MPI may not read the memory of the device";
  const Exec exec;
  const std::size_t n = 5003;
  const auto view = vector_of<double>(static_cast<std::size_t>(world_rank()), n);
  const Kokkos::View<std::byte*> scratch("scratch", 256);
  auto buffer = misfit::detail::reduction_buffer_of(view.data(), n);
  buffer.scratch = {scratch.data(), scratch.size()};
  buffer.add_on_device = &misfit::detail::add_on_device<Exec, double>;
  buffer.exec = &exec;

  const misfit::detail::RankNodes one_node(world_size());
  misfit::detail::RankSum(MPI_COMM_WORLD, world_rank(), one_node, nullptr).sum(buffer, false);

  EXPECT_TRUE(same_bits(on_host(view), sum_of_parts<double>(n)));
}

TEST(RankOrder, values) {
  const Communicator comm(MPI_COMM_WORLD);
  for (const std::size_t n : {1, 2, 16, 17, 512, 513, 2000}) {
    const auto expected = sum_of_parts<double>(n);
    for (int turn = 0; turn < 2; ++turn) {
      auto values = part<double>(world_rank(), n);
      misfit::detail::Internals::of(comm).sum_together(
          {"some_call", {}}, [](ErrorContext&) {}, values);
      EXPECT_TRUE(same_bits(values, expected)) << n << " values, turn " << turn;
    }
    auto values = part<double>(world_rank(), n);
    comm.sum(values.data(), n);
    EXPECT_TRUE(same_bits(values, expected)) << n << " numbers";
  }
}

/// Three operators a rank, whose values differ in size, so that every order rounds otherwise.
struct Problem {
  explicit Problem(std::size_t n) : unknowns(n) {}

  std::size_t unknowns;
  Exec exec{};
  misfit::DistributedOperator<misfit::test::MatrixOperator<double>> operators{
      MPI_COMM_WORLD, 3 * world_size(), [this](int i) {
        return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 4, unknowns);
      }};
  misfit::Measurements<Kokkos::View<double*>> y =
      operators.measurements([](int i) { return vector_of<double>(3 + i, 4); });
  misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
  Kokkos::View<double*> x = vector_of<double>(1, unknowns);
  Kokkos::View<double*> gradient{"gradient", unknowns};

  double fn(Scope scope = Scope::global) { return fidelity.fn(exec, x, y, operators, scope); }
  std::vector<double> grad(Scope scope = Scope::global) {
    Kokkos::deep_copy(gradient, -1.0);
    fidelity.grad(exec, x, y, operators, gradient, scope);
    return on_host(gradient);
  }
  std::vector<double> fn_and_grad() {
    Kokkos::deep_copy(gradient, -1.0);
    const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
    auto all = on_host(gradient);
    all.push_back(value);
    return all;
  }
  /// The last rank fails, then one is in another call.
  void fail() {
    const auto wrong = vector_of<double>(1, world_rank() == world_size() - 1 ? 5 : 4);
    const std::vector<Kokkos::View<double*>> all(3, wrong);
    EXPECT_THROW(fidelity.fn_and_grad(exec, x, all, operators, gradient), ArgumentError);
    if (world_size() == 1) return;
    EXPECT_THROW(
        [&] {
          if (world_rank() == 0)
            fidelity.fn(exec, x, y, operators);
          else
            fidelity.grad(exec, x, y, operators, gradient);
        }(),
        ArgumentError);
  }
  /// The sums of what the ranks have, in order: of the gradient, then of the value.
  std::vector<double> expected() {
    auto mine = grad(Scope::local);
    mine.push_back(fn(Scope::local));
    std::vector<std::vector<double>> parts(static_cast<std::size_t>(world_size()), mine);
    for (int rank = 0; rank < world_size(); ++rank)
      MPI_Bcast(parts[static_cast<std::size_t>(rank)].data(), static_cast<int>(mine.size()),
                MPI_DOUBLE, rank, MPI_COMM_WORLD);
    return sum_in_order(parts);
  }
};

TEST(RankOrder, same_call_has_the_same_bits) {
  for (const std::size_t n : {7, 700}) {
    with_and_without_node_sum([&] {
      Problem problem(n), other(n == 7 ? 9 : 900);
      const auto both = problem.expected();
      const double value = both.back();
      auto gradient = both;
      gradient.pop_back();
      const std::vector<std::function<void()>> before{[] {},
                                                      [&] { problem.fn(); },
                                                      [&] { problem.grad(); },
                                                      [&] { problem.fn_and_grad(); },
                                                      [&] { other.fn_and_grad(); },
                                                      [&] { problem.fail(); }};
      for (std::size_t k = 0; k < before.size(); ++k) {
        before[k]();
        EXPECT_EQ(problem.fn(), value) << "fn after " << k;
        before[k]();
        EXPECT_TRUE(same_bits(problem.grad(), gradient)) << "grad after " << k;
        before[k]();
        EXPECT_TRUE(same_bits(problem.fn_and_grad(), both)) << "fn_and_grad after " << k;
      }
    });
  }
}

}  // namespace
