// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/stack.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace {

using combinations::expect_derivative;
using combinations::ForwardOnly;
using combinations::matrix;
using combinations::Square;
using combinations::ToComplex;
using misfit::AnyOperator;
using reference::Numbers;

template <typename T>
class StackTest : public testing::Test {};
TYPED_TEST_SUITE(StackTest, reference::TwoScalars);

/// A_0 x, behind it A_1 x, and so on.
template <typename T, typename X, typename... Ops>
Numbers behind_each_other(const X& x, const Ops&... ops) {
  Numbers all;
  const auto append = [&](const auto& op) {
    for (const auto& z : reference::numbers(reference::apply<T>(op, x))) all.push_back(z);
  };
  (append(ops), ...);
  return all;
}

TYPED_TEST(StackTest, measurements_lie_behind_each_other) {
  using T = TypeParam;
  const auto first = matrix<T>(5, 7, 11), third = matrix<T>(3, 7, 13);
  const auto x = reference::random_vector<T>(7, 1);
  const auto a = misfit::stack(first, misfit::Identity(7), third);

  static_assert(misfit::LinearOperator<decltype(a), T>);
  static_assert(!misfit::DifferentiableOperator<decltype(a), T>);
  EXPECT_EQ(a.domain_size(), 7u);
  EXPECT_EQ(a.range_size(), 15u);
  EXPECT_EQ(a.size(), 3u);
  EXPECT_EQ(reference::numbers(reference::apply<T>(a, x)),
            behind_each_other<T>(x, first, misfit::Identity(7), third));
  EXPECT_EQ(std::get<2>(a.parts()).range_size(), 3u);
  reference::expect_adjoint<T>(a);
  reference::expect_adjoint<T>(misfit::stack(first));
}

TYPED_TEST(StackTest, of_a_number_known_at_run_time) {
  using T = TypeParam;
  const auto x = reference::random_vector<T>(7, 1);
  std::vector<combinations::DenseOf<T>> parts;
  for (std::size_t k = 0; k < 4; ++k) parts.push_back(matrix<T>(3 + k, 7, k));
  const auto a = misfit::stack(parts);

  static_assert(misfit::LinearOperator<decltype(a), T>);
  EXPECT_EQ(a.range_size(), 18u);
  EXPECT_EQ(reference::numbers(reference::apply<T>(a, x)),
            behind_each_other<T>(x, parts[0], parts[1], parts[2], parts[3]));
  reference::expect_adjoint<T>(a);
}

TYPED_TEST(StackTest, of_nonlinear_and_linear) {
  using T = TypeParam;
  const auto dense = matrix<T>(4, 6);
  const auto a = misfit::stack(Square{6}, dense, misfit::compose(Square{4}, dense));

  static_assert(!misfit::LinearOperator<decltype(a), T>);
  static_assert(misfit::DifferentiableOperator<decltype(a), T>);
  expect_derivative<T>(a);
  expect_derivative<T>(misfit::stack(std::vector{Square{6}, Square{6}}));
  using NoDerivative = decltype(misfit::stack(ForwardOnly{}, misfit::Identity(3)));
  static_assert(misfit::Operator<NoDerivative, T> && !misfit::LinearOperator<NoDerivative, T> &&
                !misfit::DifferentiableOperator<NoDerivative, T>);
}

TYPED_TEST(StackTest, in_combinations) {
  using T = TypeParam;
  const auto dense = matrix<T>(4, 6), narrow = matrix<T>(6, 5, 3);
  const auto inner = misfit::stack(dense, misfit::Identity(6));
  const auto x = reference::random_vector<T>(5, 1);

  const auto outside = misfit::compose(inner, narrow);
  const auto inside = misfit::compose(matrix<T>(3, 10), inner);
  const auto nested = misfit::stack(outside, misfit::stack(std::vector{narrow, narrow}));
  reference::expect_close(reference::apply<T>(outside, x),
                          behind_each_other<T>(x, misfit::compose(dense, narrow), narrow), 0);
  reference::expect_close(
      reference::apply<T>(nested, x),
      behind_each_other<T>(x, misfit::compose(dense, narrow), narrow, narrow, narrow), 0);
  for (const AnyOperator<T>& a :
       {AnyOperator<T>(inner), AnyOperator<T>(outside), AnyOperator<T>(inside),
        AnyOperator<T>(misfit::scale(-0.5, nested)),
        AnyOperator<T>(misfit::stack(misfit::scale(0.5, outside), narrow))}) {
    EXPECT_TRUE(a.is_linear());
    reference::expect_adjoint<T>(a);
  }
}

/// What is linear shows only at run time among AnyOperators.
TYPED_TEST(StackTest, of_any_operators) {
  using T = TypeParam;
  const AnyOperator<T> dense = matrix<T>(4, 6), square = Square{6};

  const auto linear = misfit::stack(dense, dense);
  const auto mixed = misfit::stack(std::vector<AnyOperator<T>>{dense, square, dense});
  const auto with_dense = misfit::stack(square, matrix<T>(4, 6));

  EXPECT_TRUE(linear.is_linear());
  EXPECT_FALSE(mixed.is_linear());
  EXPECT_FALSE(with_dense.is_linear());
  EXPECT_FALSE(AnyOperator<T>(mixed).is_linear());
  reference::expect_adjoint<T>(linear);
  expect_derivative<T>(linear);
  expect_derivative<T>(mixed);
  expect_derivative<T>(with_dense);
  EXPECT_THROW(misfit::PhaseRetrieval(misfit::stack(square, dense)), misfit::ArgumentError);
}

/// Several waves of one object, seen as intensities, next to the intensities of each.
TYPED_TEST(StackTest, of_intensities) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  const auto b = matrix<T>(5, 4, 2), c = matrix<T>(3, 4, 4);
  const misfit::PhaseRetrieval of_stack(misfit::stack(b, c));
  const auto stack_of = misfit::stack(misfit::PhaseRetrieval(b), misfit::PhaseRetrieval(c));
  const auto x = reference::random_vector<T>(4, 1);

  static_assert(misfit::DifferentiableOperator<decltype(stack_of), T, R>);
  EXPECT_EQ(reference::numbers(reference::apply<R>(stack_of, x)),
            reference::numbers(reference::apply<R>(of_stack, x)));
}

TYPED_TEST(StackTest, from_real_to_complex) {
  using R = misfit::detail::Real<TypeParam>;
  using T = Kokkos::complex<R>;
  const auto a = misfit::stack(ToComplex{6}, misfit::compose(matrix<T>(5, 6), ToComplex{6}));

  static_assert(misfit::LinearOperator<decltype(a), R, T>);
  combinations::expect_adjoint_from_real<T>(a);
}

/// A user's way to the part of a measurement, and of a batch of them, that an operator gave.
TEST(Stack, range_of_a_part) {
  const auto a =
      misfit::stack(misfit::Identity(6), misfit::FiniteDifference({2, 3}), misfit::Identity(6));
  const auto y = reference::random_vector<double>(a.range_size(), 1);
  const Kokkos::View<double**, Kokkos::LayoutRight> batch("batch", 3, a.range_size());

  EXPECT_EQ(a.range_of(0), std::pair(std::size_t{0}, std::size_t{6}));
  EXPECT_EQ(a.range_of(1), std::pair(std::size_t{6}, std::size_t{18}));
  EXPECT_EQ(a.range_of(2), std::pair(std::size_t{18}, std::size_t{24}));
  EXPECT_THROW(a.range_of(3), misfit::ArgumentError);
  const auto part = Kokkos::subview(y, a.range_of(1));
  EXPECT_EQ(part.extent(0), 12u);
  EXPECT_EQ(part.data(), y.data() + 6);
  const auto of_batch = Kokkos::subview(batch, Kokkos::ALL, a.range_of(2));
  EXPECT_EQ(of_batch.extent(0), 3u);
  EXPECT_EQ(&of_batch(2, 5), batch.data() + 3 * a.range_size() - 1);
}

/// The rows of a stack are those of its parts, also where a block of rows reaches over several.
TEST(Stack, rows_of_parts) {
  using T = double;
  std::vector<combinations::DenseOf<T>> parts;
  for (std::size_t k = 0; k < 5; ++k) parts.push_back(matrix<T>(2 * k % 5 + (k > 0), 7, k));
  const auto listed = misfit::stack(parts);
  const auto typed = misfit::stack(parts[0], parts[1], parts[2], parts[3], parts[4]);
  const auto x = reference::random_vector<T>(7, 1);
  const auto y = reference::numbers(reference::apply<T>(listed, x));
  const std::size_t m = listed.range_size();

  static_assert(misfit::RowwiseOperator<decltype(listed), T>);
  static_assert(misfit::RowwiseOperator<decltype(typed), T>);
  EXPECT_EQ(listed.entries(), 7 * m);
  for (std::size_t begin = 0; begin <= m; ++begin)
    for (std::size_t end = begin; end <= m; ++end) {
      std::vector<T> u(end - begin), v(end - begin), g(7), h(7);
      listed.apply_rows(begin, end, x.data(), u.data());
      typed.apply_rows(begin, end, x.data(), v.data());
      listed.add_adjoint_rows(begin, end, u.data(), g.data());
      typed.add_adjoint_rows(begin, end, u.data(), h.data());
      EXPECT_EQ(u, v);
      EXPECT_EQ(g, h);
      for (std::size_t i = begin; i < end; ++i)
        EXPECT_NEAR(u[i - begin], static_cast<double>(y[i].real()), 1e-14);
      EXPECT_EQ(listed.columns(begin, end),
                std::pair(std::size_t{0}, std::size_t{begin < end ? 7u : 0u}));
    }
}

TEST(Stack, refuses) {
  const auto text = [](auto&& make) {
    try {
      make();
    } catch (const misfit::ArgumentError& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  using misfit::Identity;
  EXPECT_EQ(text([] { misfit::stack(Identity(7), Identity(7), matrix<double>(5, 9)); }),
            "Stack: operator 2 takes 9 entries, operator 0 takes 7");
  EXPECT_EQ(text([] { misfit::stack(std::vector{Identity(7), Identity(8)}); }),
            "Stack: operator 1 takes 8 entries, operator 0 takes 7");
  EXPECT_EQ(text([] { misfit::stack(std::vector<Identity>()); }), "Stack: there are no operators");
  const std::size_t half = std::size_t{1} << 62;
  EXPECT_EQ(text([&] { misfit::stack(Identity(half), Identity(half)); }),
            "Stack: the measurement has more entries than can be counted");
  EXPECT_EQ(text([] {
              auto a = misfit::stack(std::vector{Identity(2)});
              const auto b = std::move(a);
              reference::apply<double>(a, reference::random_vector<double>(2, 1));
            }),
            "Stack: it was moved from");
}

}  // namespace
