// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/scale.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <vector>

namespace {

using combinations::expect_derivative;
using combinations::ForwardOnly;
using combinations::matrix;
using combinations::Square;
using combinations::vjp;
using misfit::AnyOperator;

template <typename T>
class AnyOperatorTest : public testing::Test {};
TYPED_TEST_SUITE(AnyOperatorTest, reference::Scalars);

TYPED_TEST(AnyOperatorTest, is_the_wrapped_one) {
  using T = TypeParam;
  const auto dense = matrix<T>(5, 7);
  const auto nonlinear = misfit::compose(Square{5}, dense);
  const std::vector<AnyOperator<T>> stack = {dense, nonlinear, misfit::Identity(7)};
  const auto x = reference::random_vector<T>(7, 1), r = reference::random_vector<T>(5, 3);

  EXPECT_TRUE(stack[0].is_linear());
  EXPECT_FALSE(stack[1].is_linear());
  EXPECT_TRUE(stack[2].is_linear());
  EXPECT_EQ(stack[0].domain_size(), 7u);
  EXPECT_EQ(stack[0].range_size(), 5u);
  EXPECT_EQ(reference::numbers(reference::apply<T>(stack[0], x)),
            reference::numbers(reference::apply<T>(dense, x)));
  EXPECT_EQ(reference::numbers(reference::apply<T>(stack[1], x)),
            reference::numbers(reference::apply<T>(nonlinear, x)));
  EXPECT_EQ(vjp<T>(stack[1], x, r), vjp<T>(nonlinear, x, r));
  reference::expect_adjoint<T>(stack[0]);

  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Vector<T> g("g", 7), h("h", 7), unused;
  dense.add_adjoint(exec, misfit::Vector<const T>(r), g);
  stack[0].add_vjp(exec, unused, r, h);  // a linear operator has no use for x
  exec.fence();
  EXPECT_EQ(reference::numbers(g), reference::numbers(h));
}

TYPED_TEST(AnyOperatorTest, refuses) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Vector<T> x("x", 3), y("y", 3);
  const AnyOperator<T> square = Square{3}, forward_only = ForwardOnly{};

  EXPECT_FALSE(forward_only.is_linear());
  EXPECT_THROW(square.add_adjoint(exec, y, x), misfit::ArgumentError);
  EXPECT_THROW(forward_only.add_adjoint(exec, y, x), misfit::ArgumentError);
  EXPECT_THROW(forward_only.add_vjp(exec, x, y, x), misfit::ArgumentError);
}

/// What is linear shows only at run time within a stack: combinations pass it on.
TYPED_TEST(AnyOperatorTest, in_combinations) {
  using T = TypeParam;
  using Any = AnyOperator<T>;
  const Any linear = matrix<T>(5, 5), square = Square{5};
  const auto x = reference::random_vector<T>(5, 1), r = reference::random_vector<T>(5, 3);

  for (const auto& a : {misfit::compose(linear, square), misfit::compose(square, linear),
                        misfit::compose(square, square)}) {
    EXPECT_FALSE(a.is_linear());
    EXPECT_FALSE(Any(a).is_linear());
    expect_derivative<T>(a);
    expect_derivative<T>(misfit::scale(0.5, a));
    EXPECT_FALSE(misfit::scale(0.5, a).is_linear());
  }
  const auto a = misfit::compose(linear, linear);
  EXPECT_TRUE(a.is_linear());
  EXPECT_TRUE(Any(a).is_linear());
  EXPECT_TRUE(Any(misfit::scale(0.5, a)).is_linear());
  reference::expect_adjoint<T>(a);
  reference::expect_adjoint<T>(Any(misfit::scale(0.5, a)));
  expect_derivative<T>(a);
}

}  // namespace
