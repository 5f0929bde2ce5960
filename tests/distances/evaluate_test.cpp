// SPDX-License-Identifier: BSD-3-Clause

// The functions on Views, for both forms of a distance.

#include "distances/cases.hpp"

#include <misfit/concepts.hpp>
#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distances/weighted.hpp>

#include <limits>
#include <string>
#include <utility>

namespace misfit::test {
namespace {

/// Half of |u − y|² as a user writes it who has no formula for one entry.
struct WholeL2 {
  template <typename E, typename U, typename Y>
  double value(const E& exec, const U& u, const Y& y) const {
    return misfit::value(exec, L2{}, u, y);
  }
  template <typename E, typename U, typename Y, typename R>
  void gradient(const E& exec, const U& u, const Y& y, const R& r) const {
    misfit::gradient(exec, L2{}, u, y, r);
  }
};

/// The same in one pass.
struct WholeL2InOnePass : WholeL2 {
  template <typename E, typename U, typename Y, typename R>
  double value_and_gradient(const E& exec, const U& u, const Y& y, const R& r) const {
    return misfit::value_and_gradient(exec, L2{}, u, y, r);
  }
};

template <typename C>
class Evaluate : public testing::Test {
 protected:
  using T = typename C::scalar;
  const Exec exec{};
  const Pair<C> data{};
  const Kokkos::View<T*> r{"r", data.n};
};

struct WholeCase : SignedData {
  static auto make(std::size_t) { return WholeL2{}; }
};
struct WeightedWholeCase : SignedData {
  static auto make(std::size_t) { return Weighted{WholeL2{}, 0.75}; }
};
struct WeightedOnePassCase : SignedData {
  static auto make(std::size_t) { return Weighted{WholeL2InOnePass{}, 0.75}; }
};
struct OnePassCase : SignedData {
  static auto make(std::size_t) { return WholeL2InOnePass{}; }
};

using EvaluateCases =
    testing::Types<With<L2Case, float>, With<L2Case, ComplexDouble>, With<PoissonCase<true>, float>,
                   With<WeightedL2Case<float>, ComplexFloat>, With<LogPoissonCase, double>,
                   With<WholeCase, double>, With<OnePassCase, ComplexFloat>,
                   With<WeightedWholeCase, double>, With<WeightedOnePassCase, ComplexFloat>>;
TYPED_TEST_SUITE(Evaluate, EvaluateCases);

TYPED_TEST(Evaluate, value_and_gradient_is_both) {
  const auto distance = TypeParam::make(entries);
  gradient(this->exec, distance, this->data.u, this->data.y, this->r);
  const auto expected = on_host(this->r);
  const auto expected_value = value(this->exec, distance, this->data.u, this->data.y);
  Kokkos::deep_copy(this->r, 7);

  const double found =
      value_and_gradient(this->exec, distance, this->data.u, this->data.y, this->r);

  EXPECT_EQ(on_host(this->r), expected);
  EXPECT_NEAR(found, expected_value, entries * 0x1p-53 * std::abs(expected_value));
}

TYPED_TEST(Evaluate, gradient_may_overwrite_u) {
  using T = typename TypeParam::scalar;
  const auto distance = TypeParam::make(entries);
  gradient(this->exec, distance, this->data.u, this->data.y, this->r);
  const Kokkos::View<T*> u("u", entries), both("both", entries);
  Kokkos::deep_copy(u, this->data.u);
  Kokkos::deep_copy(both, this->data.u);

  gradient(this->exec, distance, u, this->data.y, u);
  const double found = value_and_gradient(this->exec, distance, both, this->data.y, both);

  EXPECT_EQ(on_host(u), on_host(this->r));
  EXPECT_EQ(on_host(both), on_host(this->r));
  EXPECT_EQ(found, value_and_gradient(this->exec, distance, this->data.u, this->data.y, this->r));
}

TYPED_TEST(Evaluate, factor_scales_the_gradient_alone) {
  using T = typename TypeParam::scalar;
  const auto distance = TypeParam::make(entries);
  gradient(this->exec, distance, this->data.u, this->data.y, this->r);
  const double expected_value =
      value_and_gradient(this->exec, distance, this->data.u, this->data.y, this->r);
  const Kokkos::View<T*> halves("halves", entries), both("both", entries);

  gradient(this->exec, distance, this->data.u, this->data.y, halves, -0.5);
  const double found =
      value_and_gradient(this->exec, distance, this->data.u, this->data.y, both, -0.5);

  auto expected = on_host(this->r);
  for (auto& z : expected) z *= static_cast<detail::Real<T>>(-0.5);
  EXPECT_EQ(on_host(halves), expected);
  EXPECT_EQ(on_host(both), expected);
  EXPECT_EQ(found, expected_value);
}

TYPED_TEST(Evaluate, views_of_const) {
  using Const = Kokkos::View<const typename TypeParam::scalar*>;
  const auto distance = TypeParam::make(entries);
  const Const u = this->data.u, y = this->data.y;
  const double expected =
      value_and_gradient(this->exec, distance, this->data.u, this->data.y, this->r);
  const auto expected_gradient = on_host(this->r);
  Kokkos::deep_copy(this->r, 7);

  const double found = value_and_gradient(this->exec, distance, u, y, this->r);

  EXPECT_EQ(found, expected);
  EXPECT_EQ(on_host(this->r), expected_gradient);
  EXPECT_EQ(value(this->exec, distance, u, y),
            value(this->exec, distance, this->data.u, this->data.y));
}

TYPED_TEST(Evaluate, empty) {
  const Kokkos::View<typename TypeParam::scalar*> none("none", 0);
  const auto distance = TypeParam::make(0);

  EXPECT_EQ(value(this->exec, distance, none, none), 0.0);
  EXPECT_EQ(value_and_gradient(this->exec, distance, none, none, none), 0.0);
  gradient(this->exec, distance, none, none, none);
}

TYPED_TEST(Evaluate, refuses_sizes) {
  const Kokkos::View<typename TypeParam::scalar*> shorter("shorter", entries - 1);
  const auto distance = TypeParam::make(entries);
  const auto text_of = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const ArgumentError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const auto &u = this->data.u, &y = this->data.y;

  EXPECT_EQ(text_of([&] { value(this->exec, distance, u, shorter); }),
            "y: has 36 entries, u has 37");
  EXPECT_EQ(text_of([&] { gradient(this->exec, distance, shorter, y, shorter); }),
            "y: has 37 entries, u has 36");
  EXPECT_EQ(text_of([&] { gradient(this->exec, distance, u, y, shorter); }),
            "r: has 36 entries, must have 37");
  EXPECT_EQ(text_of([&] { value_and_gradient(this->exec, distance, u, y, shorter); }),
            "r: has 36 entries, must have 37");
}

// Also where 1/u² is no float, and a product of it with 0 would be NaN.
TEST(EvaluateResults, second_derivatives_are_finite) {
  const Exec exec{};
  const Kokkos::View<float*> u("u", 1), y("y", 1), w("w", 1);
  Kokkos::deep_copy(u, 1e-20F);
  Kokkos::deep_copy(y, 1);
  second_derivative(exec, Poisson{}, u, y, w);
  exec.fence();
  EXPECT_EQ(on_host(w)[0], std::numeric_limits<float>::max());
}

// What lies one entry on would be overwritten before it is read.
TEST(EvaluateResults, refuses_memory_of_arguments) {
  const Exec exec{};
  const Kokkos::View<double*> p("p", 5), other("other", 4);
  const auto u = Kokkos::subview(p, std::pair(0, 4)), r = Kokkos::subview(p, std::pair(1, 5));

  EXPECT_THROW(gradient(exec, L2{}, u, other, r), ArgumentError);
  EXPECT_THROW(gradient(exec, L2{}, other, u, r), ArgumentError);
  EXPECT_THROW(value_and_gradient(exec, L2{}, u, other, r), ArgumentError);
  EXPECT_THROW(prox(exec, L2{}, 1.0, u, other, r), ArgumentError);
  EXPECT_THROW(second_derivative(exec, L2{}, u, other, r), ArgumentError);
  EXPECT_NO_THROW(gradient(exec, L2{}, u, other, u));
}

TEST(EvaluateResults, refuses_sizes) {
  const Exec exec{};
  const Kokkos::View<double*> u("u", 3), shorter("shorter", 2);

  EXPECT_THROW(prox(exec, L2{}, 1.0, u, u, shorter), ArgumentError);
  EXPECT_THROW(prox(exec, IndicatorL2{1}, 1.0, u, u, shorter), ArgumentError);
  EXPECT_THROW(second_derivative(exec, L2{}, u, u, shorter), ArgumentError);
}

/// That of L2 times λ and the factor, whether d has one formula or its own functions.
TEST(EvaluateWeighted, takes_the_weight_once) {
  const Exec exec{};
  const Pair<With<WholeCase, double>> data{};
  const Kokkos::View<double*> expected("expected", data.n), r("r", data.n);
  gradient(exec, L2{}, data.u, data.y, expected, 0.75 * 0.5);
  const double twice = 2 * 0.75 * value(exec, L2{}, data.u, data.y);
  const auto check = [&](const auto& distance) {
    gradient(exec, distance, data.u, data.y, r, 0.5);
    for (std::size_t j = 0; j < data.n; ++j) EXPECT_NEAR(r(j), expected(j), 1e-14);
    Kokkos::deep_copy(r, 7);
    const double found = value(exec, distance, data.u, data.y) +
                         value_and_gradient(exec, distance, data.u, data.y, r, 0.5);
    EXPECT_NEAR(found, twice, 1e-12);
    for (std::size_t j = 0; j < data.n; ++j) EXPECT_NEAR(r(j), expected(j), 1e-14);
  };
  check(Weighted{L2{}, 0.75});
  check(Weighted{WholeL2{}, 0.75});
  check(Weighted{WholeL2InOnePass{}, 0.75});
}

TEST(EvaluateParameters, must_fit_the_measurement) {
  const Exec exec{};
  const Kokkos::View<double*> u("u", 3), r("r", 3), two("two", 2);
  const WeightedL2 weighted{two};
  const Poisson poisson{1.0, two};

  EXPECT_THROW(value(exec, weighted, u, u), ArgumentError);
  EXPECT_THROW(gradient(exec, weighted, u, u, r), ArgumentError);
  EXPECT_THROW(prox(exec, weighted, 1.0, u, u, r), ArgumentError);
  EXPECT_THROW(second_derivative(exec, weighted, u, u, r), ArgumentError);
  EXPECT_THROW(value(exec, poisson, u, u), ArgumentError);
  EXPECT_THROW(gradient(exec, poisson, u, u, r), ArgumentError);
  EXPECT_THROW(prox(exec, poisson, 1.0, u, u, r), ArgumentError);
}

TEST(EvaluateConcepts, who_has_what) {
  static_assert(ProximableDistance<L2, ComplexFloat> && ProximableDistance<L1, ComplexFloat>);
  static_assert(ProximableDistance<Huber, ComplexFloat> && ProximableDistance<Zero, ComplexFloat>);
  static_assert(TwiceDifferentiableDistance<Zero, ComplexDouble>);
  static_assert(TwiceDifferentiableDistance<L1, float>);
  static_assert(!TwiceDifferentiableDistance<L1, ComplexFloat>);
  static_assert(TwiceDifferentiableDistance<Huber, double>);
  static_assert(!TwiceDifferentiableDistance<Huber, ComplexDouble>);
  static_assert(ProximableDistance<Poisson<>, float>);
  static_assert(DifferentiableDistance<LogPoisson, double>);
  static_assert(!ProximableDistance<LogPoisson, double>);
  static_assert(DifferentiableDistance<Amplitude, float>);
  static_assert(!ProximableDistance<Amplitude, float>);
  static_assert(!Distance<Poisson<>, ComplexDouble> && !Distance<LogPoisson, ComplexDouble> &&
                !Distance<Amplitude, ComplexFloat>);

  EXPECT_TRUE(is_quadratic(L2{}) && is_quadratic(Zero{}));
  EXPECT_TRUE(is_quadratic(WeightedL2{Kokkos::View<float*>("w", 1)}));
  EXPECT_FALSE(is_quadratic(L1{}) || is_quadratic(Huber{1}) || is_quadratic(Poisson{}));
  EXPECT_FALSE(is_quadratic(LogPoisson{}) || is_quadratic(Amplitude{}));
}

}  // namespace
}  // namespace misfit::test
