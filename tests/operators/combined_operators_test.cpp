// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/flatten.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/scale.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using misfit::AnyOperator;
using misfit::Compose;
using reference::Numbers;

/// A(x) = x ∘ x, as a user would write it.
struct Square {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        "Square::apply", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = x(j) * x(j); });
  }
  template <typename Exec, typename X, typename R, typename G>
  void apply_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    Kokkos::parallel_for(
        "Square::apply_vjp", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { g(j) += misfit::detail::conj(x(j) + x(j)) * r(j); });
  }
};

/// A x = (1 + 2i) x for real x and complex y.
struct ToComplex {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  template <typename Exec, typename X, typename Y>
  requires(!misfit::detail::is_complex<typename X::non_const_value_type> &&
           misfit::detail::is_complex<typename Y::value_type>) void apply(const Exec& exec,
                                                                          const X& x,
                                                                          const Y& y) const {
    using T = typename Y::value_type;
    Kokkos::parallel_for(
        "ToComplex::apply", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = T(x(j), 2 * x(j)); });
  }
  template <typename Exec, typename Y, typename X>
  requires(!misfit::detail::is_complex<typename X::value_type> &&
           misfit::detail::is_complex<
               typename Y::non_const_value_type>) void apply_adjoint(const Exec& exec, const Y& y,
                                                                     const X& x) const {
    Kokkos::parallel_for(
        "ToComplex::apply_adjoint", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += y(j).real() + 2 * y(j).imag(); });
  }
};

/// Neither linear nor differentiable.
struct ForwardOnly {
  static std::size_t domain_size() { return 3; }
  static std::size_t range_size() { return 3; }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::deep_copy(exec, y, x);
  }
};

template <typename T>
auto matrix(std::size_t rows, std::size_t columns, std::uint64_t seed = 11) {
  const Kokkos::View<T**, Kokkos::LayoutRight> a("a", rows, columns);
  Kokkos::deep_copy(misfit::flatten(a), reference::random_vector<T>(rows * columns, seed));
  return misfit::Dense(a);
}

/// J(x)^H r added to a start that is not zero, less that start.
template <typename T, typename A>
Numbers vjp(const A& a, const misfit::Vector<T>& x, const misfit::Vector<T>& r) {
  using In = typename misfit::Vector<T>::const_type;
  const Kokkos::DefaultExecutionSpace exec;
  const auto start = reference::random_vector<T>(a.domain_size(), 9);
  const misfit::Vector<T> g("g", a.domain_size());
  Kokkos::deep_copy(g, start);
  a.apply_vjp(exec, In(x), In(r), g);
  exec.fence();
  return reference::difference(reference::numbers(g), reference::numbers(start));
}

/// Compares J(x)^H r with central differences along a direction h: Re⟨g, h⟩ = d/dt Re⟨r, A(x + t
/// h)⟩.
///
/// With a step of ε^(1/3), truncation (third derivatives, t²) and rounding (ε / t) are both of the
/// order ε^(2/3) of the terms; 100 is for their number and size.
template <typename T, typename A>
void expect_derivative(const A& a) {
  using R = misfit::detail::Real<T>;
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = reference::random_vector<T>(a.domain_size(), 1);
  const auto h = reference::random_vector<T>(a.domain_size(), 2);
  const auto r = reference::random_vector<T>(a.range_size(), 3);
  const double epsilon = std::numeric_limits<R>::epsilon(), step = std::cbrt(epsilon);
  const auto moved = [&](double t) {
    const misfit::Vector<T> z("z", a.domain_size());
    Kokkos::deep_copy(z, x);
    misfit::detail::axpby(exec, t, h, 1.0, z);
    return reference::numbers(reference::apply<T>(a, z));
  };

  const auto g = vjp<T>(a, x, r);
  const auto slope =
      reference::dot(reference::numbers(r), reference::difference(moved(step), moved(-step))) /
      static_cast<long double>(2 * step);

  const auto scale = reference::norm(g) * reference::norm(reference::numbers(h)) + 1;
  EXPECT_NEAR(static_cast<double>(slope.real()),
              static_cast<double>(reference::dot(g, reference::numbers(h)).real()),
              100 * std::pow(epsilon, 2.0 / 3.0) * static_cast<double>(scale));
}

template <typename T>
class Combined : public testing::Test {};
TYPED_TEST_SUITE(Combined, reference::Scalars);

template <typename T>
using DenseOf = decltype(matrix<T>(1, 1));

TYPED_TEST(Combined, compose_of_linear) {
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

TYPED_TEST(Combined, compose_refuses) {
  try {
    misfit::compose(matrix<TypeParam>(5, 7), matrix<TypeParam>(8, 9));
    FAIL() << "nothing thrown";
  } catch (const misfit::ArgumentError& error) {
    EXPECT_STREQ(error.what(), "Compose: outer takes 7 entries, inner gives 8");
  }
}

TYPED_TEST(Combined, compose_of_nonlinear) {
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

TYPED_TEST(Combined, compose_from_real_to_complex) {
  using R = misfit::detail::Real<TypeParam>;
  using T = Kokkos::complex<R>;
  const auto dense = matrix<T>(5, 6);
  const auto a = misfit::compose(dense, ToComplex{6});
  const auto x = reference::random_vector<R>(6, 1);
  const auto y = reference::random_vector<T>(5, 3);
  const misfit::Vector<R> z("z", 6);

  const auto ax = reference::numbers(reference::apply<T>(a, x));
  const Kokkos::DefaultExecutionSpace exec;
  a.apply_adjoint(exec, misfit::Vector<const T>(y), z);
  exec.fence();

  static_assert(misfit::LinearOperator<decltype(a), R, T>);
  const auto left = reference::dot(ax, reference::numbers(y)).real();
  const auto right = reference::dot(reference::numbers(x), reference::numbers(z)).real();
  EXPECT_LE(std::abs(left - right), reference::adjoint_tolerance<R>() * reference::norm(ax) *
                                        reference::norm(reference::numbers(y)));
}

/// compose() of a downsampling and a blur is a cheaper blur with the same result.
TYPED_TEST(Combined, fused_blur) {
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

TYPED_TEST(Combined, scale) {
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

TYPED_TEST(Combined, any_operator_is_the_wrapped_one) {
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
  dense.apply_adjoint(exec, misfit::Vector<const T>(r), g);
  stack[0].apply_vjp(exec, unused, r, h);  // a linear operator has no use for x
  exec.fence();
  EXPECT_EQ(reference::numbers(g), reference::numbers(h));
}

TYPED_TEST(Combined, any_operator_refuses) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Vector<T> x("x", 3), y("y", 3);
  const AnyOperator<T> square = Square{3}, forward_only = ForwardOnly{};

  EXPECT_FALSE(forward_only.is_linear());
  EXPECT_THROW(square.apply_adjoint(exec, y, x), misfit::ArgumentError);
  EXPECT_THROW(forward_only.apply_adjoint(exec, y, x), misfit::ArgumentError);
  EXPECT_THROW(forward_only.apply_vjp(exec, x, y, x), misfit::ArgumentError);
}

/// What is linear shows only at run time within a stack: combinations pass it on.
TYPED_TEST(Combined, any_operator_in_combinations) {
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

int allocations = 0;

/// Nothing is allocated after the first call, and a copy has memory of its own.
TYPED_TEST(Combined, memory) {
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
    a_linear.apply_adjoint(exec, out, x);
    a_nonlinear.apply(exec, in, y);
    a_nonlinear.apply_vjp(exec, in, out, x);
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
