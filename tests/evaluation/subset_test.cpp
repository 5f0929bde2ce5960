// SPDX-License-Identifier: BSD-3-Clause

// Calls over some of the operators against a fidelity of these alone, and weights of operators.

#include "support/errors.hpp"
#include "support/fault_test.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace {

using misfit::AnyDistance;
using misfit::ArgumentError;
using misfit::Dense;
using misfit::DistributedDataFidelity;
using misfit::DistributedOperator;
using misfit::Huber;
using misfit::L2;
using misfit::Mask;
using misfit::Partition;
using misfit::Reduction;
using misfit::Subset;
using misfit::Weighted;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

constexpr std::size_t unknowns = 40, rows = 30;
using Gradient = Kokkos::View<double*>;

void expect_near(const Gradient& found, const Gradient& expected, double factor) {
  for (std::size_t j = 0; j < unknowns; ++j)
    ASSERT_NEAR(found(j), factor * expected(j), 1e-12 * (1 + std::abs(factor * expected(j))));
}

/// Operators make(i), i < n, by subsets of every size.
template <typename Make>
void expect_subsets(const Make& make, std::size_t m, const Reduction reduction) {
  constexpr int n = 11;
  const auto data = [&](int i) { return vector_of<double>(20 + static_cast<std::size_t>(i), m); };
  const DistributedOperator operators(MPI_COMM_WORLD, n, make);
  const auto y = operators.measurements(data);
  // A distance for each operator, so that one of another would show.
  const auto distance = [](int i) { return L2{1.0 + 0.1 * i}; };
  const DistributedDataFidelity fidelity(operators, distance, reduction);
  const auto x = vector_of<double>(1, unknowns);
  const Gradient g("g", unknowns), expected("expected", unknowns), alone("alone", unknowns);
  for (const std::vector<int>& indices :
       {std::vector{3}, std::vector{7, 0, 4}, std::vector{10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}) {
    const auto k = [&](int i) { return indices[static_cast<std::size_t>(i)]; };
    const auto size = static_cast<int>(indices.size());
    const DistributedOperator few(MPI_COMM_SELF, size, [&](int i) { return make(k(i)); });
    const DistributedDataFidelity of_few(few, [&](int i) { return distance(k(i)); });
    const double sum = of_few.fn_and_grad(
        Exec{}, x, few.measurements([&](int i) { return data(k(i)); }), few, expected);
    const double mean = reduction == Reduction::mean ? 1.0 / n : 1.0;
    const double unbiased = mean * n / size;
    const Subset part{indices, Subset::Scale::none}, scaled{indices, Subset::Scale::unbiased};
    EXPECT_NEAR(fidelity.fn_and_grad(Exec{}, x, y, operators, g, part), mean * sum, 1e-12 * sum);
    expect_near(g, expected, mean);
    EXPECT_NEAR(fidelity.fn(Exec{}, x, y, operators, scaled), unbiased * sum, 1e-11 * sum);
    fidelity.grad(Exec{}, x, y, operators, alone, scaled);
    expect_near(alone, expected, unbiased);
  }
}

TEST(Subset, IsAFidelityOfTheseAlone) {
  for (const Reduction reduction : {Reduction::sum, Reduction::mean}) {
    expect_subsets([](int i) { return Mask{vector_of<double>(40 + i, unknowns)}; }, unknowns,
                   reduction);
    expect_subsets(
        [](int i) { return Dense{MatrixOperator<double>(40 + i, rows, unknowns).matrix}; }, rows,
        reduction);
    expect_subsets([](int i) { return MatrixOperator<double>(40 + i, rows, unknowns); }, rows,
                   reduction);
  }
}

TEST(Subset, TheMeanOverAPartitionIsTheWhole) {
  constexpr int n = 12, count = 4;
  const DistributedOperator operators(
      MPI_COMM_WORLD, Partition::ordered_subsets(n, count),
      [](int i) { return Mask{vector_of<double>(40 + i, unknowns)}; });
  const auto y = operators.measurements([](int i) { return vector_of<double>(i, unknowns); });
  const DistributedDataFidelity fidelity(L2{0.7});
  const auto x = vector_of<double>(1, unknowns);
  const Gradient g("g", unknowns), sum("sum", unknowns), whole("whole", unknowns);
  double value = 0;
  for (int s = 0; s < count; ++s) {
    value += fidelity.fn_and_grad(Exec{}, x, y, operators, g,
                                  Subset::ordered(n, count, s, Subset::Scale::unbiased));
    for (std::size_t j = 0; j < unknowns; ++j) sum(j) += g(j);
  }
  EXPECT_DOUBLE_EQ(fidelity.data_passes(), 1.0);
  const double expected = fidelity.fn_and_grad(Exec{}, x, y, operators, whole);
  EXPECT_NEAR(value / count, expected, 1e-14 * expected);
  expect_near(sum, whole, count);
  EXPECT_DOUBLE_EQ(fidelity.data_passes(), 2.0);
}

/// At the largest number of the scalar type, whatever it is multiplied by on the way.
template <typename Make>
void expect_cut_off(const Make& make) {
  const DistributedOperator operators(MPI_COMM_WORLD, 4, make);
  const auto filled = [](float entry) {
    const Kokkos::View<float*> view("view", 3);
    Kokkos::deep_copy(view, entry);
    return view;
  };
  const auto y = operators.measurements([&](int) { return filled(100); });
  const auto x = filled(1e-38F), g = filled(0);
  const DistributedDataFidelity fidelity(misfit::Poisson{});
  fidelity.grad(Exec{}, x, y, operators, g, Subset({2}, Subset::Scale::unbiased));
  for (const float entry : on_host(g)) EXPECT_EQ(entry, -std::numeric_limits<float>::max());
}

TEST(Subset, AGradientThatIsCutOffStaysFinite) {
  expect_cut_off([](int) { return misfit::Identity(3); });
  expect_cut_off([](int) { return misfit::AnyOperator<float>(misfit::Identity(3)); });
  expect_cut_off([](int) { return misfit::stack(misfit::Identity(3)); });
}

TEST(Subset, TheSameBitsInAnyOrderOfIndicesAndOnAllRanks) {
  const DistributedOperator operators(
      MPI_COMM_WORLD, 9, [](int i) { return Mask{vector_of<double>(40 + i, unknowns)}; });
  const auto y = operators.measurements([](int i) { return vector_of<double>(i, unknowns); });
  const DistributedDataFidelity fidelity(L2{0.7});
  const auto x = vector_of<double>(1, unknowns);
  const Gradient a("a", unknowns), b("b", unknowns);
  const Subset one{{1, 4, 5, 8}, Subset::Scale::none}, same{{8, 4, 1, 5}, Subset::Scale::none};
  EXPECT_EQ(fidelity.fn_and_grad(Exec{}, x, y, operators, a, one),
            fidelity.fn_and_grad(Exec{}, x, y, operators, b, same));
  EXPECT_EQ(on_host(a), on_host(b));
  EXPECT_TRUE(misfit::check_replicated(Exec{}, operators.communicator(), a).passed());
}

TEST(OrderedSubsets, AreSpreadEvenly) {
  for (const int n : {0, 1, 7, 24, 100})
    for (const int count : {1, 4, 6, 200})
      for (const int ranks : {1, 2, 4, 6}) {
        const auto owners = Partition::ordered_subsets(n, count).owners(ranks);
        std::vector<int> all(static_cast<std::size_t>(ranks));
        for (int s = 0; s < std::min(count, n); ++s) {
          std::vector<int> own(static_cast<std::size_t>(ranks));
          for (int i = s; i < n; i += count) {
            ++own[static_cast<std::size_t>(owners[static_cast<std::size_t>(i)])];
            ++all[static_cast<std::size_t>(owners[static_cast<std::size_t>(i)])];
          }
          const auto [least, most] = std::minmax_element(own.begin(), own.end());
          EXPECT_LE(*most - *least, 1);
        }
        const auto [least, most] = std::minmax_element(all.begin(), all.end());
        EXPECT_LE(*most - *least, 1) << n << " in " << count << " on " << ranks;
      }
  EXPECT_THROW((void)Partition::ordered_subsets(3, 0).owners(2), ArgumentError);
}

using SubsetFaults = misfit::test::FaultTest;

TEST_F(SubsetFaults, AreTheSameErrorOnAllRanks) {
  const DistributedDataFidelity reproducible(L2{}, Reduction::sum, misfit::Sum::reproducible);
  for (const auto* const each : {&fidelity, &reproducible})
    for (const auto& ranks : fault_sets()) {
      const auto call = [&](std::vector<int> indices) {
        return each->fn_and_grad(exec, x, y, operators, gradient,
                                 Subset(std::move(indices), Subset::Scale::unbiased));
      };
      const bool here = misfit::test::contains(ranks, world_rank());
      expect_same_error<ArgumentError>([&] { call(here ? std::vector{n} : std::vector{0}); },
                                       {rank_text(ranks), "subset: there is no operator"});
      expect_same_error<ArgumentError>(
          [&] { call(here ? std::vector{1, 0, 1} : std::vector{0, 1}); },
          {rank_text(ranks), "subset: has operator 1 twice"});
      expect_same_error<ArgumentError>([&] { call(here ? std::vector<int>{} : std::vector{0}); },
                                       {rank_text(ranks), "subset: is empty"});
      if (world_size() > 1 && ranks.size() < static_cast<std::size_t>(world_size()))
        expect_same_error<ArgumentError>([&] { call(here ? std::vector{0} : std::vector{1}); },
                                         {"subset"});
      expect_still_right();
    }
  EXPECT_EQ(fidelity.fn(exec, x, y, operators, Subset({}, Subset::Scale::none)), 0);
  EXPECT_THROW(Subset::ordered(4, 2, 2, Subset::Scale::none), ArgumentError);
  EXPECT_THROW(Subset::ordered(4, 2, -1, Subset::Scale::none), ArgumentError);
  EXPECT_THROW(Subset::ordered(-1, 2, 0, Subset::Scale::none), ArgumentError);
}

// Of all distances at once: separable and quadratic, not quadratic, and of erased type.
template <typename D>
void expect_weighted(const D& distance) {
  constexpr double weight = 3;
  const DistributedOperator operators(
      MPI_COMM_WORLD, 3, [](int i) { return Mask{vector_of<double>(40 + i, unknowns)}; });
  const auto y = operators.measurements([](int i) { return vector_of<double>(i, unknowns); });
  const auto x = vector_of<double>(1, unknowns);
  const DistributedDataFidelity once(distance);
  const DistributedDataFidelity weighted(operators,
                                         [&](int) { return Weighted{distance, weight}; });
  const Gradient g("g", unknowns), expected("expected", unknowns), product("product", unknowns);
  const double value = once.fn_and_grad(Exec{}, x, y, operators, expected);
  EXPECT_NEAR(weighted.fn_and_grad(Exec{}, x, y, operators, g), weight * value, 1e-13 * value);
  expect_near(g, expected, weight);
  auto point = weighted.at(Exec{}, x, y, operators);
  EXPECT_NEAR(point.value(), weight * value, 1e-13 * value);
  point.gauss_newton(x, product);
  auto plain = once.at(Exec{}, x, y, operators);
  plain.gauss_newton(x, expected);
  expect_near(product, expected, weight);
  misfit::prox(Exec{}, Weighted{distance, weight}, 0.5, x, x, g);
  misfit::prox(Exec{}, distance, 0.5 * weight, x, x, expected);
  expect_near(g, expected, 1);
}
TEST(WeightedDistance, IsTheDistanceTimesItsWeight) {
  expect_weighted(L2{0.7});
  expect_weighted(Huber{0.4});
  expect_weighted(AnyDistance<double>(L2{0.7}));
  EXPECT_THROW(Weighted(L2{}, 0.0), ArgumentError);
  EXPECT_THROW(Weighted(L2{}, NAN), ArgumentError);
}

}  // namespace
