// SPDX-License-Identifier: BSD-3-Clause

// A checker tells which operator is broken, and what of it; the same on all ranks, with more
// operators than ranks and with fewer.

#include "support/errors.hpp"
#include "testing/broken_operator.hpp"
#include "testing/fused_diagonal.hpp"
#include "testing/operator_sizes.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using misfit::CheckedProperty;
using misfit::CheckResult;
using misfit::test::BrokenOperator;
using misfit::test::Exec;
using misfit::test::Fault;
using misfit::test::MatrixOperator;
using misfit::test::rows;
using misfit::test::unknowns;
using misfit::test::vector_of;

template <typename T>
BrokenOperator<T> broken(int i, Fault fault) {
  return {MatrixOperator<T>(static_cast<std::size_t>(i), rows, unknowns), fault};
}

bool has_failed(const CheckResult& result, CheckedProperty property) {
  return std::find(result.failed.begin(), result.failed.end(), property) != result.failed.end();
}

/// Faults, and the property that each breaks first.
template <typename T>
std::vector<std::pair<Fault, CheckedProperty>> faults() {
  std::vector<std::pair<Fault, CheckedProperty>> all{
      {Fault::adds_in_apply, CheckedProperty::assignment},
      {Fault::affine, CheckedProperty::linearity},
      {Fault::saturates, CheckedProperty::linearity},
      {Fault::wrong_adjoint, CheckedProperty::adjointness},
      {Fault::overwrites, CheckedProperty::accumulation},
      {Fault::nan_in_adjoint, CheckedProperty::adjointness}};
  if (misfit::detail::is_complex<T>)
    all.emplace_back(Fault::conjugates, CheckedProperty::linearity);
  return all;
}

template <typename T>
class CheckedPropertiesTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(CheckedPropertiesTest, Scalars);

TYPED_TEST(CheckedPropertiesTest, of_one_operator) {
  using T = TypeParam;
  const Exec exec;

  const auto right = misfit::check_adjoint<T>(exec, broken<T>(3, Fault::none));
  EXPECT_TRUE(right.passed()) << right;
  EXPECT_TRUE(right.failed.empty());
  for (const auto& [fault, property] : faults<T>()) {
    const auto result = misfit::check_adjoint<T>(exec, broken<T>(3, fault));

    EXPECT_FALSE(result.passed()) << result;
    EXPECT_EQ(result.property, property) << result;
    EXPECT_EQ(result.failed.at(0), property) << result;
    EXPECT_EQ(result.operator_index, -1);
  }
}

TYPED_TEST(CheckedPropertiesTest, what_is_not_broken_has_not_failed) {
  using T = TypeParam;
  const Exec exec;

  const auto wrong = misfit::check_adjoint<T>(exec, broken<T>(3, Fault::wrong_adjoint));
  const auto overwriting = misfit::check_adjoint<T>(exec, broken<T>(3, Fault::overwrites));
  const auto affine = misfit::check_adjoint<T>(exec, broken<T>(3, Fault::affine));

  EXPECT_EQ(wrong.failed, std::vector{CheckedProperty::adjointness}) << wrong;
  EXPECT_EQ(overwriting.failed, std::vector{CheckedProperty::accumulation}) << overwriting;
  EXPECT_FALSE(has_failed(affine, CheckedProperty::assignment)) << affine;
  EXPECT_FALSE(has_failed(affine, CheckedProperty::accumulation)) << affine;
}

TYPED_TEST(CheckedPropertiesTest, both_adjoints_are_tested) {
  using T = TypeParam;
  using misfit::test::TwoAdjoints;
  const Exec exec;
  const auto right = broken<T>(3, Fault::none), wrong = broken<T>(3, Fault::wrong_adjoint);

  EXPECT_TRUE(misfit::check_adjoint<T>(exec, TwoAdjoints<T>{right, right}).passed());
  for (const auto& op : {TwoAdjoints<T>{right, wrong}, TwoAdjoints<T>{wrong, right}}) {
    const auto result = misfit::check_adjoint<T>(exec, op);
    EXPECT_FALSE(result.passed());
    EXPECT_EQ(result.property, CheckedProperty::adjointness);
  }
}

TYPED_TEST(CheckedPropertiesTest, of_a_stack) {
  using T = TypeParam;
  const Exec exec;
  const int ranks = misfit::test::world_size();
  for (const int n : std::set{1, 5, 8, ranks - 1, ranks + 2, 2 * ranks + 1}) {
    if (n < 1) continue;
    for (const int culprit : std::set{0, n / 2, std::min(3, n - 1), n - 1})
      for (const auto& [fault, property] : faults<T>()) {
        const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [&, how = fault](int i) {
          return broken<T>(i, i == culprit ? how : Fault::none);
        });

        const auto result = misfit::check_adjoint<T>(exec, operators);

        EXPECT_FALSE(result.passed()) << n << " operators: " << result;
        EXPECT_EQ(result.operator_index, culprit) << n << " operators: " << result;
        EXPECT_EQ(result.property, property) << n << " operators: " << result;
        EXPECT_EQ(result.failed_operators, std::vector{culprit}) << result;
      }
  }
}

/// A NaN is the worst; of equal ones the first is named; of others the largest.
TYPED_TEST(CheckedPropertiesTest, several_culprits) {
  using T = TypeParam;
  const Exec exec;
  constexpr int n = 9;
  const std::vector<std::vector<Fault>> cases{
      {Fault::none, Fault::wrong_adjoint, Fault::none, Fault::nan_in_apply, Fault::overwrites,
       Fault::none, Fault::nan_in_adjoint, Fault::none, Fault::affine},
      {Fault::wrong_adjoint, Fault::none, Fault::overwrites, Fault::none, Fault::none, Fault::none,
       Fault::none, Fault::none, Fault::wrong_adjoint}};
  const std::vector<std::vector<int>> failed{{1, 3, 4, 6, 8}, {0, 2, 8}};
  const std::vector<int> worst{3, 2};
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [&](int i) {
      return broken<T>(i, cases[k][static_cast<std::size_t>(i)]);
    });

    const auto result = misfit::check_adjoint<T>(exec, operators);

    EXPECT_FALSE(result.passed()) << result;
    EXPECT_EQ(result.operator_index, worst[k]) << result;
    EXPECT_EQ(result.failed_operators, failed[k]) << result;
    EXPECT_EQ(std::isnan(result.error), k == 0) << result;
  }
}

TEST(CheckedProperties, what_an_operator_throws_is_thrown_on_all_ranks) {
  const Exec exec;
  for (const Fault fault : {Fault::throws, Fault::throws_in_adjoint})
    for (const int culprit : {0, 1, 6}) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 7, [&](int i) {
        return broken<double>(i, i == culprit ? fault : Fault::none);
      });
      misfit::test::expect_same_error<misfit::CallbackError>(
          [&] { misfit::check_adjoint(exec, operators); },
          {"check_adjoint", "operator " + std::to_string(culprit), "no memory for"});
    }
}

TEST(CheckedProperties, a_wrong_sum_is_of_no_operator) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [&](int i) {
    return broken<double>(i, i == 3 ? Fault::wrong_from_call_8 : Fault::none);
  });

  const auto result = misfit::check_adjoint(exec, operators);

  EXPECT_FALSE(result.passed()) << result;
  EXPECT_EQ(result.operator_index, -1) << result;
  EXPECT_EQ(result.property, CheckedProperty::sum_over_ranks) << result;
  EXPECT_EQ(result.failed, std::vector{CheckedProperty::sum_over_ranks}) << result;
  EXPECT_TRUE(result.failed_operators.empty());
}

TEST(CheckedProperties, an_x_of_another_size_is_refused) {
  const Exec exec;
  EXPECT_THROW(
      misfit::check_adjoint(exec, broken<double>(0, Fault::none), vector_of<double>(1, rows)),
      misfit::ArgumentError);
}

TEST(CheckedProperties, of_a_fidelity) {
  using misfit::test::FusedDiagonal;
  const Exec exec;
  const std::vector<std::pair<FusedDiagonal::Fault, std::vector<CheckedProperty>>> cases{
      {FusedDiagonal::Fault::none, {}},
      {FusedDiagonal::Fault::gradient, {CheckedProperty::gradient}},
      {FusedDiagonal::Fault::value_of_both, {CheckedProperty::value_of_both}},
      {FusedDiagonal::Fault::opposite_values_of_both, {CheckedProperty::value_of_both}},
      {FusedDiagonal::Fault::second_gradient, {CheckedProperty::gradient_of_both}},
      {FusedDiagonal::Fault::fn, {CheckedProperty::gradient, CheckedProperty::value_of_both}}};
  for (const auto& [fault, failed] : cases)
    for (const int culprit : {0, 4}) {
      const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [&, how = fault](int i) {
        return FusedDiagonal{unknowns, i == culprit ? how : FusedDiagonal::Fault::none};
      });
      const auto y = operators.measurements([](int i) {
        return misfit::test::batch_of<double>(20 + static_cast<std::size_t>(i), 2, unknowns);
      });
      const auto x = misfit::test::batch_of<double>(1, 2, unknowns);

      const auto result = misfit::check_gradient(
          exec, misfit::DistributedDataFidelity(misfit::L2{0.3}), x, y, operators);

      EXPECT_EQ(result.passed(), failed.empty()) << result;
      EXPECT_EQ(result.failed, failed) << result;
      if (!failed.empty()) {
        EXPECT_EQ(result.property, failed[0]) << result;
      }
    }
}

TEST(CheckedProperties, print_themselves) {
  CheckResult result{2.5e-15, 1e-13, CheckedProperty::linearity};
  EXPECT_EQ(result.text(),
            "linearity (A(a x + b z) = a A x + b A z) passed: error 2.5e-15, tolerance 1e-13");
  EXPECT_EQ(testing::PrintToString(result), result.text());
  EXPECT_EQ(testing::PrintToString(CheckedProperty::sum_over_ranks), "the sum over ranks");

  result = {0.5, 1e-13, CheckedProperty::adjointness, 3};
  result.failed = {CheckedProperty::adjointness, CheckedProperty::accumulation};
  result.failed_operators = {1, 3};
  EXPECT_EQ(
      result.text(),
      "operator 3: adjointness (<A x, y> = <x, A^H y>) failed: error 0.5, tolerance 1e-13; "
      "failed too: accumulation (A^H y is added to what was there); 2 operators failed: 1, 3");
  result.error = std::nan("");
  EXPECT_NE(result.text().find("failed: error nan"), std::string::npos) << result;
  for (int i = 0; i < 1000; ++i) result.failed_operators.push_back(i + 4);
  EXPECT_LT(result.text().size(), 400U);
}

}  // namespace
