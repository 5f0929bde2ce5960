// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/flatten.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/slice_by_slice.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace {

using combinations::expect_derivative;
using combinations::matrix;
using combinations::Square;
using combinations::ToComplex;
using misfit::Compose;

template <typename T>
class ComposeTest : public testing::Test {};
TYPED_TEST_SUITE(ComposeTest, reference::TwoScalars);

TYPED_TEST(ComposeTest, of_linear) {
  using T = TypeParam;
  const auto outer = matrix<T>(5, 7, 12), inner = matrix<T>(7, 9, 13);
  const auto a = misfit::compose(outer, misfit::compose(misfit::Identity(7), inner));
  const auto x = reference::random_vector<T>(9, 1);

  static_assert(misfit::LinearOperator<decltype(a), T>);
  static_assert(!misfit::DifferentiableOperator<decltype(a), T>);
  EXPECT_EQ(a.domain_size(), 9u);
  EXPECT_EQ(a.range_size(), 5u);
  reference::expect_close(
      reference::apply<T>(a, x),
      reference::numbers(reference::apply<T>(outer, reference::apply<T>(inner, x))), 0);
  reference::expect_adjoint<T>(a);
  reference::expect_adjoint<T>(a);  // once more: nothing is left behind
}

TYPED_TEST(ComposeTest, refuses) {
  try {
    misfit::compose(matrix<TypeParam>(5, 7), matrix<TypeParam>(8, 9));
    FAIL() << "nothing thrown";
  } catch (const misfit::ArgumentError& error) {
    EXPECT_STREQ(error.what(), "Compose: outer takes 7 entries, inner gives 8");
  }
}

TYPED_TEST(ComposeTest, of_nonlinear) {
  using T = TypeParam;
  const auto inner = misfit::compose(matrix<T>(4, 6), Square{6});
  const auto outer = misfit::compose(Square{4}, matrix<T>(4, 6));
  const auto both = misfit::compose(Square{4}, misfit::compose(matrix<T>(4, 6), Square{6}));

  static_assert(!misfit::LinearOperator<decltype(inner), T>);
  static_assert(misfit::DifferentiableOperator<decltype(inner), T>);
  static_assert(!misfit::LinearOperator<decltype(both), T>);
  expect_derivative<T>(Square{6});
  expect_derivative<T>(inner);
  expect_derivative<T>(outer);
  expect_derivative<T>(both);
}

TYPED_TEST(ComposeTest, from_real_to_complex) {
  using R = misfit::detail::Real<TypeParam>;
  using T = Kokkos::complex<R>;
  const auto dense = matrix<T>(5, 6);
  const auto a = misfit::compose(dense, ToComplex{6});

  static_assert(misfit::LinearOperator<decltype(a), R, T>);
  combinations::expect_adjoint_from_real<T>(a);
}

/// compose() of a downsampling and a blur is a cheaper blur with the same result.
TYPED_TEST(ComposeTest, of_downsample_and_blur_is_a_blur) {
  using T = TypeParam;
  const Kokkos::View<T***> kernel("kernel", 3, 4, 5);
  Kokkos::deep_copy(misfit::flatten(kernel), reference::random_vector<T>(60, 4));
  for (const auto padding : {misfit::Padding::valid, misfit::Padding::circular,
                             misfit::Padding::reflect, misfit::Padding::replicate}) {
    const misfit::Blur blur({2, 7, 9, 150}, kernel, padding);
    const misfit::Downsample sampling(blur.range_shape(), {1, 2, 3, 2});
    const Compose general(sampling, blur);
    const auto fused = misfit::compose(sampling, blur);
    const auto twice = misfit::compose(misfit::Downsample(fused.range_shape(), 2), fused);
    const auto x = reference::random_vector<T>(blur.domain_size(), 1);

    static_assert(std::is_same_v<decltype(fused), const misfit::Blur<T>>);
    const auto y = reference::apply<T>(general, x);
    reference::expect_close(reference::apply<T>(fused, x), reference::numbers(y),
                            10 * reference::adjoint_tolerance<T>());
    reference::expect_close(
        reference::apply<T>(twice, x),
        reference::numbers(reference::apply<T>(misfit::Downsample(fused.range_shape(), 2), y)),
        10 * reference::adjoint_tolerance<T>());
    reference::expect_adjoint<T>(general);
    reference::expect_adjoint<T>(fused);
    reference::expect_adjoint<T>(twice);
  }
}

int allocations = 0;

/// Nothing is allocated after the first call, and a copy has memory of its own.
// The last rows of an image have none of the outputs of a kernel that must fit.
TYPED_TEST(ComposeTest, a_slab_without_outputs) {
  using T = TypeParam;
  const Kokkos::View<T**> kernel("kernel", 5, 1);
  const auto a = misfit::compose(misfit::slice_by_slice(matrix<T>(3, 2, 1), 12),
                                 misfit::Blur({16, 2}, kernel, misfit::Padding::valid));
  EXPECT_EQ(a.outputs_of({{16, 2}, 0, {8, 12}, 0, 4}).rows, (misfit::Rows{8, 12}));
  EXPECT_TRUE(a.outputs_of({{16, 2}, 0, {12, 16}}).rows.empty());
}

TYPED_TEST(ComposeTest, memory) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Kokkos::View<T*> kernel("kernel", 3);
  const auto a =
      misfit::scale(0.5, Compose(misfit::Downsample({20}, 2),
                                 misfit::compose(misfit::Mask(reference::random_vector<T>(20, 5)),
                                                 misfit::Blur({20}, kernel))));
  const auto nonlinear = misfit::compose(Square{10}, a);
  const misfit::Vector<T> x("x", 20), y("y", 10);
  const auto call = [&](const auto& a_linear, const auto& a_nonlinear) {
    const misfit::Vector<const T> in(x), out(y);
    a_linear.apply(exec, in, y);
    a_linear.add_adjoint(exec, out, x);
    a_nonlinear.apply(exec, in, y);
    a_nonlinear.add_vjp(exec, in, out, x);
    exec.fence();
  };
  call(a, nonlinear);
  Kokkos::Tools::Experimental::set_allocate_data_callback(
      [](Kokkos_Profiling_SpaceHandle, const char*, const void*, std::uint64_t) { ++allocations; });

  allocations = 0;
  call(a, nonlinear);
  EXPECT_EQ(allocations, 0);

  const auto copy = a;
  const auto nonlinear_copy = nonlinear;
  call(copy, nonlinear_copy);
  EXPECT_GT(allocations, 0);
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
}

}  // namespace
