// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/operators/compose.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/scale.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <limits>

namespace {

using combinations::expect_derivative;
using combinations::matrix;
using combinations::Square;

template <typename T>
class ScaleTest : public testing::Test {};
TYPED_TEST_SUITE(ScaleTest, reference::TwoScalars);

TYPED_TEST(ScaleTest, multiplies_by_a_factor) {
  using T = TypeParam;
  const auto dense = matrix<T>(5, 7);
  const auto x = reference::random_vector<T>(7, 1);
  const auto expect_scaled = [&](auto factor, reference::Number a) {
    const auto scaled = misfit::scale(factor, dense);
    auto expected = reference::numbers(reference::apply<T>(dense, x));
    for (auto& entry : expected) entry *= a;
    reference::expect_close(reference::apply<T>(scaled, x), expected,
                            reference::adjoint_tolerance<T>());
    reference::expect_adjoint<T>(scaled);
    expect_derivative<T>(misfit::scale(factor, misfit::compose(Square{5}, dense)));
  };

  expect_scaled(-0.3, -0.3L);
  expect_scaled(2, 2);
  if constexpr (misfit::detail::is_complex<T>) {
    expect_scaled(Kokkos::complex<double>(0.5, -0.7), {0.5L, -0.7L});
    expect_scaled(T(0.5, -0.75), {0.5L, -0.75L});
  }
}

static_assert(!misfit::Operator<misfit::Scale<Kokkos::complex<double>, misfit::Identity>, float>);

TEST(Scale, refuses) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  EXPECT_THROW(misfit::scale(inf, misfit::Identity(1)), misfit::ArgumentError);
  EXPECT_THROW(misfit::scale(nan, misfit::Identity(1)), misfit::ArgumentError);
  EXPECT_THROW(misfit::scale(Kokkos::complex<double>(0, nan), misfit::Identity(1)),
               misfit::ArgumentError);
}

}  // namespace
