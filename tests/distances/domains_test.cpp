// SPDX-License-Identifier: BSD-3-Clause

// The edges of the domains of Poisson and Amplitude, and what constructors refuse.

#include "distances/cases.hpp"

#include <misfit/distances/indicator_l2.hpp>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {
namespace {

const double infinity = INFINITY;
const double nan_value = NAN;

template <typename T>
class Domain : public testing::Test {
 protected:
  const Exec exec{};
  const Kokkos::View<T*> u{"u", 3}, y{"y", 3}, r{"r", 3};

  /// A valid first and last entry around (predicted, counts).
  void set(double predicted, double counts) {
    Kokkos::deep_copy(u, T(2));
    Kokkos::deep_copy(y, T(2));
    Kokkos::deep_copy(Kokkos::subview(u, 1), static_cast<T>(predicted));
    Kokkos::deep_copy(Kokkos::subview(y, 1), static_cast<T>(counts));
  }

  template <typename D>
  void expect_outside(const D& distance) {
    EXPECT_EQ(value(exec, distance, u, y), infinity);
    for (const bool with_value : {false, true}) {
      try {
        if (with_value)
          value_and_gradient(exec, distance, u, y, r);
        else
          gradient(exec, distance, u, y, r);
        ADD_FAILURE() << "nothing was thrown";
      } catch (const DomainError& error) {
        EXPECT_NE(std::string(error.what()).find("1 entries"), std::string::npos) << error.what();
      }
    }
    second_derivative(exec, distance, u, y, r);
    EXPECT_TRUE(std::isnan(on_host(r)[1]));
    EXPECT_TRUE(std::isfinite(on_host(r)[0]) && std::isfinite(on_host(r)[2]));
  }
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Domain, Reals);

TYPED_TEST(Domain, poisson_outside) {
  for (const auto& [predicted, counts] : std::vector<std::pair<double, double>>{{0, 1},
                                                                                {-1, 1},
                                                                                {-1, 0},
                                                                                {1, -1},
                                                                                {0, -1},
                                                                                {-infinity, 1},
                                                                                {-infinity, 0},
                                                                                {infinity, -1}}) {
    SCOPED_TRACE(testing::Message() << "u = " << predicted << ", y = " << counts);
    this->set(predicted, counts);
    this->expect_outside(Poisson{});
  }
  this->set(-0.5, 1);
  this->expect_outside(Poisson{2.0, 0.25});  // u/g + β = 0
}

TYPED_TEST(Domain, poisson_at_its_edge) {
  this->set(0, 0);

  // 0 log 0 = 0: the value is μ = 0, and its slope 1/g.
  const double found = value_and_gradient(this->exec, Poisson{0.5}, this->u, this->y, this->r);

  const double other = value(this->exec, Poisson{0.5}, Kokkos::subview(this->u, std::pair(0, 1)),
                             Kokkos::subview(this->y, std::pair(0, 1)));
  EXPECT_DOUBLE_EQ(found, 2 * other);
  EXPECT_EQ(on_host(this->r)[1], 2);
  second_derivative(this->exec, Poisson{0.5}, this->u, this->y, this->r);
  EXPECT_EQ(on_host(this->r)[1], 0);
}

TYPED_TEST(Domain, poisson_without_counts) {
  this->set(3, 0);
  Kokkos::deep_copy(this->y, 0);

  EXPECT_EQ(value_and_gradient(this->exec, Poisson{0.5, 1.0}, this->u, this->y, this->r),
            5 + 7 + 5);

  EXPECT_EQ(on_host(this->r), std::vector<TypeParam>(3, 2));
}

TYPED_TEST(Domain, poisson_infinite_u_is_inside) {
  for (const double counts : {0.0, 1.0}) {
    this->set(infinity, counts);

    EXPECT_EQ(value(this->exec, Poisson{}, this->u, this->y), infinity);
    gradient(this->exec, Poisson{}, this->u, this->y, this->r);
    EXPECT_TRUE(std::isnan(on_host(this->r)[1]));
  }
}

TYPED_TEST(Domain, nan_is_never_a_number) {
  for (const auto& [predicted, counts] : std::vector<std::pair<double, double>>{
           {nan_value, 1}, {nan_value, 0}, {nan_value, -1}, {1, nan_value}, {-1, nan_value}}) {
    this->set(predicted, counts);

    EXPECT_TRUE(std::isnan(value(this->exec, Poisson{}, this->u, this->y)));
    EXPECT_TRUE(std::isnan(value(this->exec, Amplitude{}, this->u, this->y)));
  }
}

TYPED_TEST(Domain, poisson_prox_at_the_edge) {
  // Without counts: v − γ/g, but no further than μ = 0.
  this->set(-3, 0);
  Kokkos::deep_copy(this->y, 0);

  prox(this->exec, Poisson{0.5, 1.0}, 0.25, this->u, this->y, this->r);

  EXPECT_EQ(on_host(this->r), (std::vector<TypeParam>{1.5, -0.5, 1.5}));
  this->set(1, -1);
  prox(this->exec, Poisson{}, 1.0, this->u, this->y, this->r);
  EXPECT_TRUE(std::isnan(on_host(this->r)[1])) << "y < 0: no point is better than another";
}

TYPED_TEST(Domain, amplitude_outside) {
  for (const auto& [predicted, counts] :
       std::vector<std::pair<double, double>>{{-1, 1}, {-1e-30, 0}, {1, -1}, {-infinity, 1}}) {
    SCOPED_TRACE(testing::Message() << "u = " << predicted << ", y = " << counts);
    this->set(predicted, counts);
    this->expect_outside(Amplitude{});
  }
}

TYPED_TEST(Domain, amplitude_at_its_edge) {
  this->set(0, 4);

  EXPECT_EQ(value_and_gradient(this->exec, Amplitude{0.25}, this->u, this->y, this->r), 4.0);

  EXPECT_EQ(on_host(this->r)[1], -3);  // 1 − √(4/¼)
  this->set(0, 0);
  EXPECT_EQ(value_and_gradient(this->exec, Amplitude{}, this->u, this->y, this->r), 0.0);
  EXPECT_EQ(on_host(this->r)[1], 1);
}

/// Expects an ArgumentError that has `words`.
void expect_refused(const std::function<void()>& make, const std::vector<std::string>& words) {
  std::string text = "nothing was thrown";
  try {
    make();
  } catch (const ArgumentError& error) {
    text = error.what();
  }
  for (const auto& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << word << " in: " << text;
}

TEST(Parameters, numbers) {
  for (const double bad : {0.0, -1.0, nan_value, infinity, -infinity}) {
    expect_refused([&] { L2{bad}; }, {"L2: sigma"});
    expect_refused([&] { Huber{bad}; }, {"Huber: delta"});
    expect_refused([&] { Poisson{bad}; }, {"Poisson: gain"});
    expect_refused([&] { Poisson{bad, 0.1}; }, {"Poisson: gain"});
    expect_refused([&] { LogPoisson{bad}; }, {"LogPoisson: n0"});
    expect_refused([&] { LogPoisson{1.0, bad}; }, {"LogPoisson: mu"});
    expect_refused([&] { Amplitude{bad}; }, {"Amplitude: epsilon"});
    if (bad == 0) continue;
    expect_refused([&] { Poisson{1.0, bad}; }, {"Poisson: background"});
    expect_refused([&] { IndicatorL2{bad}; }, {"IndicatorL2: radius"});
  }
}

TEST(Parameters, whose_inverse_is_no_number) {
  for (const double sigma : {1e-200, 1e200}) expect_refused([&] { L2{sigma}; }, {"L2: sigma"});
  expect_refused([] { Poisson{1e-310}; }, {"Poisson: gain"});
  expect_refused([] { Poisson{1e200, 1e200}; }, {"Poisson: gain * background"});
  expect_refused([] { LogPoisson{1e200, 1e200}; }, {"LogPoisson: n0 * mu"});
}

template <typename T>
class ParameterViews : public testing::Test {};
TYPED_TEST_SUITE(ParameterViews, Reals);

TYPED_TEST(ParameterViews, are_checked_throughout) {
  const Kokkos::View<TypeParam*> view = parameters<TypeParam>(entries);
  for (const std::size_t j : {std::size_t{0}, entries / 2, entries - 1})
    for (const double bad : {-1.0, nan_value, infinity, -infinity}) {
      const auto entry = Kokkos::subview(view, j);
      Kokkos::deep_copy(entry, static_cast<TypeParam>(bad));

      expect_refused([&] { WeightedL2{view}; }, {"WeightedL2: weights", "1 entries"});
      expect_refused([&] { Poisson{1.0, view}; }, {"Poisson: background", "1 entries"});

      Kokkos::deep_copy(entry, TypeParam(0));  // which is valid
      WeightedL2{view};
      Poisson{1.0, view};
    }
  WeightedL2{Kokkos::View<TypeParam*>()};
}

TYPED_TEST(ParameterViews, whose_product_with_the_gain_is_no_number) {
  const Kokkos::View<TypeParam*> view = parameters<TypeParam>(entries);
  Kokkos::deep_copy(Kokkos::subview(view, entries / 2), TypeParam(1e30));
  expect_refused([&] { Poisson{1e300, view}; }, {"Poisson: gain * background", "1 entries"});
}

TEST(Parameters, deduction) {
  static_assert(std::is_same_v<decltype(Poisson{}), Poisson<double>>);
  static_assert(std::is_same_v<decltype(Poisson{0.5}), Poisson<double>>);
  static_assert(std::is_same_v<decltype(Poisson{0.5, 0.1}), Poisson<double>>);
  static_assert(std::is_same_v<decltype(Poisson{1, 0}), Poisson<double>>);
  using Floats = Kokkos::View<const float*>;
  static_assert(std::is_same_v<decltype(Poisson{2.0, Floats()}), Poisson<Floats>>);
  static_assert(std::is_same_v<decltype(WeightedL2{Floats()}), WeightedL2<Floats>>);
}

}  // namespace
}  // namespace misfit::test
