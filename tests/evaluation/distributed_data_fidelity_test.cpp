// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation/unknowns.hpp"
#include "support/errors.hpp"
#include "support/oracle.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/flatten.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::Partition;
using misfit::Reduction;
using misfit::Scope;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::Oracle;
using misfit::test::SquaredOperator;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::widen;

// Sums of at most 9 rows with 7 products each, 12 operators and a few factors: each rounding is at
// most eps of the sum of absolute values, and fewer than 40 follow one another.
template <typename T>
constexpr long double rounding =
    40 * (std::is_same_v<misfit::detail::Real<T>, float> ? 6.0e-8L : 1.12e-16L);

template <typename T>
void expect_matches(const Oracle& oracle, const std::vector<double>& values,
                    const std::vector<T>& gradient, const std::string& what) {
  for (std::size_t b = 0; b < oracle.value.size(); ++b)
    if (!values.empty()) {
      EXPECT_LE(std::abs(values[b] - oracle.value[b]), rounding<T> * oracle.value_bound[b])
          << what << ", value " << b;
    }
  for (std::size_t j = 0; j < oracle.gradient.size() && !gradient.empty(); ++j)
    EXPECT_LE(std::abs(widen(gradient[j]) - oracle.gradient[j]),
              rounding<T> * oracle.gradient_bound[j])
        << what << ", gradient " << j;
}

std::vector<double> as_list(double value) { return {value}; }
std::vector<double> as_list(std::vector<double> values) { return values; }

/// Everything that one problem must give, for one spread of the operators.
template <typename T, typename Op, bool batched>
void check_all(int n, const Partition& partition, const std::string& what) {
  using Problem = misfit::test::Problem<T>;
  const Exec exec;
  constexpr bool squared = std::is_same_v<Op, SquaredOperator<T>>;
  const std::size_t batch = batched ? 3 : 1;
  const Problem problem{batch, unknowns, squared};
  const auto signals = [&](std::size_t seed, std::size_t size) {
    if constexpr (batched)
      return batch_of<T>(seed, batch, size);
    else
      return vector_of<T>(seed, size);
  };
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, partition, [](int i) {
    return Op(static_cast<std::size_t>(i), Problem::rows(i), unknowns);
  });
  const auto data = [&](int i) { return signals(Problem::data_seed(i), Problem::rows(i)); };
  using Data = decltype(data(0));
  std::vector<Data> global;
  for (int i = 0; i < n; ++i) global.push_back(data(i));
  const auto local = operators.measurements(data);
  const auto x = signals(1, unknowns);
  const auto gradient = signals(2, unknowns);
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);

  const auto check = [&](const auto& fidelity, bool own_sigmas) {
    const bool mean = fidelity.reduction() == Reduction::mean && n > 0;
    for (const auto scope : {Scope::global, Scope::local}) {
      const auto text = what + (mean ? ", mean" : ", sum") +
                        (scope == Scope::global ? ", global" : ", local") +
                        (own_sigmas ? ", own sigmas" : "");
      const auto oracle = problem.evaluate(scope == Scope::global ? all : operators.local_indices(),
                                           mean ? 1.0L / n : 1.0L, own_sigmas);
      expect_matches<T>(oracle, as_list(fidelity.fn(exec, x, local, operators, scope)), {},
                        text + ", fn");
      fidelity.grad(exec, x, local, operators, gradient, scope);
      expect_matches<T>(oracle, {}, on_host(gradient), text + ", grad");
      const auto values =
          as_list(fidelity.fn_and_grad(exec, x, global, operators, gradient, scope));
      expect_matches<T>(oracle, values, on_host(gradient), text + ", fn_and_grad");
    }
  };
  const double sigma = Problem::sigma(0);
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    check(misfit::DistributedDataFidelity(misfit::L2{sigma}, reduction), false);
    check(misfit::DistributedDataFidelity(
              operators, [](int i) { return misfit::L2{Problem::sigma(i)}; }, reduction),
          true);
  }
}

template <typename T>
class DistributedDataFidelityTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(DistributedDataFidelityTest, Scalars);

TYPED_TEST(DistributedDataFidelityTest, agrees_with_a_serial_loop_for_every_spread) {
  using T = TypeParam;
  const int ranks = misfit::test::world_size();
  for (const int n : {0, 1, ranks - 1, ranks, ranks + 1, 3 * ranks}) {
    std::vector<double> costs;
    std::vector<int> last_only(static_cast<std::size_t>(n), ranks - 1);
    for (int i = 0; i < n; ++i) costs.push_back(1 + i % 3);
    const auto text = std::to_string(n) + " operators, ";
    check_all<T, MatrixOperator<T>, false>(n, Partition::round_robin(n), text + "round robin");
    check_all<T, MatrixOperator<T>, true>(n, Partition::blocks(n), text + "blocks, batch");
    check_all<T, MatrixOperator<T>, true>(n, Partition::balanced(costs), text + "balanced, batch");
    check_all<T, MatrixOperator<T>, false>(n, Partition::from_owners(last_only),
                                           text + "last rank");
    check_all<T, SquaredOperator<T>, true>(n, Partition::round_robin(n), text + "nonlinear");
  }
}

TYPED_TEST(DistributedDataFidelityTest, shares_sum_to_the_whole) {
  using T = TypeParam;
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(i), 6, unknowns);
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<T>(20 + static_cast<std::size_t>(i), 6); });
  const auto x = vector_of<T>(1, unknowns);
  Kokkos::View<T*> whole("whole", unknowns), share("share", unknowns);
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, reduction);

    const double value = fidelity.fn_and_grad(exec, x, y, operators, whole);
    double part = fidelity.fn_and_grad(exec, x, y, operators, share, Scope::local);
    operators.communicator().sum(&part, 1);
    operators.communicator().all_reduce_sum(exec, share);

    EXPECT_EQ(part, value);
    EXPECT_EQ(on_host(share), on_host(whole));
  }
}

TEST(DistributedDataFidelity, one_bit_pattern_on_all_ranks_and_in_every_call) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 9, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), 6, unknowns);
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 6); });
  const auto x = vector_of<double>(1, unknowns);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  Kokkos::View<double*> gradient("gradient", unknowns);
  const double first = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  const auto first_gradient = on_host(gradient);
  for (int repeat = 0; repeat < 20; ++repeat) {
    EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, gradient), first);
    EXPECT_EQ(on_host(gradient), first_gradient);
  }
  double of_root = first;
  MPI_Bcast(&of_root, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  EXPECT_EQ(first, of_root);
}

TEST(DistributedDataFidelity, flat_aliases_of_images_are_signals) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), 4, 12);
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 4); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{});
  Kokkos::View<double***, Kokkos::LayoutRight> image("image", 2, 3, 2);
  Kokkos::deep_copy(image, 0.5);
  Kokkos::View<double*> flat("flat", 12);
  Kokkos::deep_copy(flat, 0.5);

  EXPECT_EQ(fidelity.fn(exec, misfit::flatten(image), y, operators),
            fidelity.fn(exec, flat, y, operators));
}

}  // namespace
