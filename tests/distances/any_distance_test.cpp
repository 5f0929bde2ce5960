// SPDX-License-Identifier: BSD-3-Clause

// An AnyDistance computes what the distance within does, bit for bit, and says what that lacks.

#include "distances/cases.hpp"

#include <misfit/concepts.hpp>
#include <misfit/distances/any_distance.hpp>
#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/weighted.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace misfit::test {
namespace {

template <typename Case>
class AnyDistanceTest : public testing::Test {
 protected:
  using T = typename Case::scalar;
  const Exec exec{};
  const Pair<Case> data{};
  const decltype(Case::make(0)) distance = Case::make(data.n);
  const AnyDistance<T> any = distance;
  const Kokkos::View<T*> expected{"expected", data.n}, found{"found", data.n};
};

using AnyDistanceCases =
    testing::Types<With<L2Case, float>, With<WeightedL2Case<double>, ComplexDouble>,
                   With<L1Case, ComplexFloat>, With<HuberCase, double>,
                   With<PoissonCase<true>, double>, With<LogPoissonCase, float>,
                   With<AmplitudeCase, double>, With<ZeroCase, ComplexDouble>>;
TYPED_TEST_SUITE(AnyDistanceTest, AnyDistanceCases);

TYPED_TEST(AnyDistanceTest, models_the_concepts) {
  using T = typename TypeParam::scalar;
  static_assert(!SeparableDistance<AnyDistance<T>, T>);
  static_assert(DifferentiableDistance<AnyDistance<T>, T>);
  static_assert(ProximableDistance<AnyDistance<T>, T>);
  static_assert(TwiceDifferentiableDistance<AnyDistance<T>, T>);
  EXPECT_EQ(is_quadratic(this->any), is_quadratic(this->distance));
}

TYPED_TEST(AnyDistanceTest, value_and_gradient) {
  const auto& [u, y] = std::pair(this->data.u, this->data.y);

  EXPECT_EQ(value(this->exec, this->any, u, y), value(this->exec, this->distance, u, y));
  for (const double factor : {1.0, 1.0 / 3}) {
    EXPECT_EQ(value_and_gradient(this->exec, this->any, u, y, this->found, factor),
              value_and_gradient(this->exec, this->distance, u, y, this->expected, factor));
    EXPECT_EQ(on_host(this->found), on_host(this->expected));
    Kokkos::deep_copy(this->found, 7);
    gradient(this->exec, this->any, u, y, this->found, factor);
    EXPECT_EQ(on_host(this->found), on_host(this->expected));
  }
  gradient(this->exec, this->any, u, y, u);
  gradient(this->exec, this->distance, Pair<TypeParam>{}.u, y, this->expected);
  EXPECT_EQ(on_host(u), on_host(this->expected)) << "in place";
}

TYPED_TEST(AnyDistanceTest, prox_and_second_derivative) {
  using T = typename TypeParam::scalar;
  const auto& [u, y] = std::pair(this->data.u, this->data.y);

  if constexpr (ProximableDistance<decltype(this->distance), T>) {
    prox(this->exec, this->any, 0.3, u, y, this->found);
    prox(this->exec, this->distance, 0.3, u, y, this->expected);
    EXPECT_EQ(on_host(this->found), on_host(this->expected));
  } else {
    EXPECT_THROW(prox(this->exec, this->any, 0.3, u, y, this->found), ArgumentError);
  }
  const Kokkos::View<detail::Real<T>*> w("w", entries), expected("expected", entries);
  if constexpr (TwiceDifferentiableDistance<decltype(this->distance), T>) {
    second_derivative(this->exec, this->any, u, y, w);
    second_derivative(this->exec, this->distance, u, y, expected);
    EXPECT_EQ(on_host(w), on_host(expected));
  } else {
    EXPECT_THROW(second_derivative(this->exec, this->any, u, y, w), ArgumentError);
  }
}

TEST(AnyDistanceErrors, names_what_has_no_gradient) {
  const Exec exec{};
  const Kokkos::View<double*> u("u", 3);
  const AnyDistance<double> any = IndicatorL2{1.0};

  for (const bool with_value : {false, true}) {
    try {
      if (with_value)
        value_and_gradient(exec, any, u, u, u);
      else
        gradient(exec, any, u, u, u);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const ArgumentError& error) {
      EXPECT_NE(std::string(error.what()).find("IndicatorL2"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("no gradient"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(second_derivative(exec, any, u, u, u), ArgumentError);
  EXPECT_EQ(value(exec, any, u, u), 0.0);
  prox(exec, any, 0.3, u, u, u);
}

TEST(AnyDistanceErrors, passes_on_those_of_the_distance) {
  const Exec exec{};
  const Kokkos::View<double*> u("u", 3), y("y", 3), two("two", 2);
  Kokkos::deep_copy(y, 1.0);
  const AnyDistance<double> poisson = Poisson{}, weighted = WeightedL2{two};

  EXPECT_THROW(gradient(exec, poisson, u, y, u), DomainError);
  EXPECT_THROW(value(exec, weighted, u, y), ArgumentError);
  EXPECT_THROW(weighted.require_size(3), ArgumentError);
  weighted.require_size(2);
  poisson.require_size(3);
}

/// However deep the distance is that allows for the rounding of operators.
TEST(AnyDistanceOfOthers, passes_on_what_rounding_left_outside) {
  const Exec exec{};
  using Any = AnyDistance<double>;
  const Kokkos::View<double*> y("y", 2), squares("squares", 1);
  Kokkos::deep_copy(y, 1.0);
  Kokkos::deep_copy(squares, 1.0);
  for (const Any& any :
       {Any(Poisson{}), Any(Weighted{Poisson{}, 2.0}), Any(Weighted{Any(Poisson{}), 2.0})}) {
    const Kokkos::View<double*> u("u", 2);
    Kokkos::deep_copy(u, -1e-17);
    any.move_inside(exec, u, y, 1e-15, squares.data());
    EXPECT_TRUE(std::isfinite(value(exec, any, u, y)));
    EXPECT_NO_THROW(gradient(exec, any, u, y, u));
  }
}

TEST(AnyDistanceStack, holds_different_ones) {
  const Exec exec{};
  const Kokkos::View<double*> u("u", 3), y("y", 3);
  Kokkos::deep_copy(u, 3.0);
  Kokkos::deep_copy(y, 1.0);
  const std::vector<AnyDistance<double>> stack{L2{2.0}, L1{}, IndicatorL2{4.0}, Zero{}};
  const auto copy = stack;

  double sum = 0;
  for (const auto& distance : copy) sum += value(exec, distance, u, y);

  EXPECT_DOUBLE_EQ(sum, 3 * 4.0 / 8 + 3 * 2.0);
  EXPECT_TRUE(stack[0].is_quadratic() && stack[3].is_quadratic());
  EXPECT_FALSE(stack[1].is_quadratic() || stack[2].is_quadratic());
}

}  // namespace
}  // namespace misfit::test
