// SPDX-License-Identifier: BSD-3-Clause

// ‖A‖² is never above the bound of any operator, and how far below it may be.

#include "norm_bounds.hpp"

#include "combinations.hpp"

#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/sparse.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace {

using misfit::Padding;
using misfit::Shape;
using norm_bounds::exact;
using norm_bounds::expect_bound;
using reference::random_vector;

template <typename T>
class NormBounds : public testing::Test {};
TYPED_TEST_SUITE(NormBounds, reference::Scalars);

/// A random kernel, or a Gaussian, which is separable.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> kernel(std::size_t rows, std::size_t columns,
                                              bool separable) {
  const Kokkos::View<T**, Kokkos::LayoutRight> h("h", rows, columns);
  Kokkos::deep_copy(misfit::flatten(h), random_vector<T>(rows * columns, 3));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, h);
  if (separable)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        host(i, j) = T(std::exp(-0.4 * static_cast<double>(i * i)) *
                       std::exp(-0.3 * static_cast<double>(j)));
  Kokkos::deep_copy(h, host);
  return h;
}

template <typename T>
auto sparse(std::size_t seed) {
  const std::vector<int> offsets{0, 2, 2, 5, 6}, indices{0, 3, 6, 1, 2, 0};
  const Kokkos::View<int*> row_map("row_map", offsets.size()), columns("columns", indices.size());
  const auto rows = Kokkos::create_mirror_view(row_map);
  const auto at = Kokkos::create_mirror_view(columns);
  for (std::size_t i = 0; i < offsets.size(); ++i) rows(i) = offsets[i];
  for (std::size_t k = 0; k < indices.size(); ++k) at(k) = indices[k];
  Kokkos::deep_copy(row_map, rows);
  Kokkos::deep_copy(columns, at);
  return misfit::Sparse(row_map, columns, Kokkos::View<T*>(random_vector<T>(6, seed)), 7);
}

TYPED_TEST(NormBounds, pointwise) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  expect_bound<T>(misfit::Identity{7}, exact);
  std::vector<misfit::Mask<misfit::Vector<T>>> masks;
  for (std::uint64_t i = 0; i < 5; ++i) {
    masks.emplace_back(random_vector<T>(23, i));
    expect_bound<T>(masks.back(), exact);
  }
  expect_bound<T>(masks, exact);
  expect_bound<T>(misfit::Mask(random_vector<R>(23, 5)), exact);
  const misfit::Vector<bool> booleans("booleans", 23);
  Kokkos::deep_copy(Kokkos::subview(booleans, 7), true);
  expect_bound<T>(misfit::Mask(booleans), exact);
  expect_bound<T>(misfit::Downsample({5, 6}, 2), exact);
}

TYPED_TEST(NormBounds, matrices) {
  using T = TypeParam;
  for (const std::size_t m : {1, 3, 30})
    for (const std::size_t n : {1, 8, 20}) {
      SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n));
      expect_bound<T>(combinations::matrix<T>(m, n), 30);
      const Kokkos::View<T**, Kokkos::LayoutLeft> left("left", m, n);
      Kokkos::deep_copy(left, T(-0.7));
      expect_bound<T>(misfit::Dense(left), exact);
    }
  expect_bound<T>(sparse<T>(1), 4);
  expect_bound<T>(std::vector{sparse<T>(1), sparse<T>(2), sparse<T>(3)}, 6);
}

TYPED_TEST(NormBounds, blurs) {
  using T = TypeParam;
  for (const bool separable : {false, true})
    for (const auto padding :
         {Padding::valid, Padding::circular, Padding::reflect, Padding::replicate}) {
      SCOPED_TRACE(static_cast<int>(padding));
      const double factor = separable ? (padding == Padding::circular ? exact : 4) : 20;
      const misfit::Blur blur({6, 7}, kernel<T>(3, 4, separable), padding);
      expect_bound<T>(blur, factor);
      expect_bound<T>(misfit::compose(misfit::Downsample(blur.range_shape(), 2), blur), 20);
      expect_bound<T>(misfit::Blur({2, 3, 5}, kernel<T>(2, 3, separable), padding), factor);
    }
  expect_bound<T>(misfit::Blur({9}, random_vector<misfit::detail::Real<T>>(5, 2)), 10);
}

TYPED_TEST(NormBounds, combinations) {
  using T = TypeParam;
  const auto a = combinations::matrix<T>(5, 8);
  const misfit::Mask m(random_vector<T>(5, 4));
  expect_bound<T>(misfit::compose(m, a), 60);
  expect_bound<T>(misfit::scale(-0.3, a), 30);
  expect_bound<T>(misfit::AnyOperator<T>(misfit::compose(m, misfit::AnyOperator<T>(a))), 60);
  if constexpr (misfit::detail::is_complex<T>)
    expect_bound<T>(misfit::scale(Kokkos::complex<double>(0.3, 2), a), 30);
}

TEST(NormBoundsThatAreNotNumbers, are_infinite) {
  const Kokkos::View<double*> small("small", 3);
  Kokkos::deep_copy(small, 1e-170);
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1, [&](int) {
    return misfit::compose(misfit::scale(1e170, misfit::Mask(small)), misfit::Identity(3));
  });
  EXPECT_GE(operators.norm_squared_bound<double>(Kokkos::DefaultExecutionSpace{}), 1);
}

TYPED_TEST(NormBounds, differences) {
  using T = TypeParam;
  expect_bound<T>(misfit::FiniteDifference({40}), 1.01);
  expect_bound<T>(misfit::FiniteDifference({2}), 2.01);
  expect_bound<T>(misfit::FiniteDifference({6, 7}), 1.1);
  expect_bound<T>(misfit::FiniteDifference({2, 6, 7}, 2), 1.1);
  expect_bound<T>(misfit::FiniteDifference({3, 1, 5}), 1.4);
}

TYPED_TEST(NormBounds, projections) {
  using T = TypeParam;
  std::vector<misfit::Radon<>> stack;
  for (int i = 0; i < 4; ++i) {
    std::vector<double> angles;
    for (int k = i; k < 14; k += 4) angles.push_back(std::numbers::pi * k / 14);
    stack.emplace_back(Shape{6, 7}, angles);
    expect_bound<T>(stack.back(), 2);
  }
  expect_bound<T>(stack, 2);
  expect_bound<T>(misfit::Radon({2, 5, 4}, {0.0, 0.3}, 4, 1.7), 3);
}

/// As a user would write it: a number, or nothing at all where entries do not meet.
struct Tripled {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  double norm_squared_bound() const { return 9; }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    misfit::detail::axpby(exec, 3, x, 0, y);
  }
  template <typename Exec, typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    misfit::detail::axpby(exec, 3, y, 1, x);
  }
};
struct PointwiseTripled {
  std::size_t size;
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  template <typename T>
  KOKKOS_FUNCTION T apply_at(std::size_t, const T& x) const {
    return T(3) * x;
  }
  template <typename T>
  KOKKOS_FUNCTION T adjoint_at(std::size_t, const T& r) const {
    return T(3) * r;
  }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Tripled{size}.apply(exec, x, y);
  }
  template <typename Exec, typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    Tripled{size}.add_adjoint(exec, y, x);
  }
};

TYPED_TEST(NormBounds, of_users) {
  using T = TypeParam;
  expect_bound<T>(Tripled{4}, exact);
  expect_bound<T>(PointwiseTripled{4}, exact);
  expect_bound<T>(misfit::AnyOperator<T>(PointwiseTripled{4}), exact);
  expect_bound<T>(misfit::compose(Tripled{4}, PointwiseTripled{4}), exact);
}

}  // namespace
