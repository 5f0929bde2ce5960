// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An operator's own passes against those of any operator.

#include "support/matrix_operator.hpp"

#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/shape.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

namespace misfit::test {

template <typename T>
constexpr double epsilon = std::numeric_limits<detail::Real<T>>::epsilon();

template <typename T>
double relative_difference(const Kokkos::View<T**, Kokkos::LayoutRight>& a,
                           const Kokkos::View<T**, Kokkos::LayoutRight>& b) {
  const Exec exec;
  const auto all_a = detail::all_signals(a), all_b = detail::all_signals(b);
  const double size = std::sqrt(detail::dot(exec, all_b, all_b));
  detail::axpby(exec, -1, all_b, 1, all_a);
  return std::sqrt(detail::dot(exec, all_a, all_a)) / size;
}

/// A value of m terms by two ways of summing, and a gradient by two ways of transforming.
template <typename T, typename Factory, typename D>
void expect_fused_like_plain(Factory&& factory, const D& distance) {
  using Op = std::remove_cvref_t<std::invoke_result_t<Factory&, int>>;
  static_assert(FusedOperator<Op, D, T>);
  using Plain = AnyOperator<T, Exec>;  // of the operator within it shows A and A^H alone
  static_assert(!FusedOperator<Plain, D, T>);
  constexpr int n = 5;
  const Exec exec;
  const DistributedOperator fused(MPI_COMM_WORLD, n, factory);
  const DistributedOperator plain(MPI_COMM_WORLD, n, [&](int i) { return Plain(factory(i)); });
  const auto y = fused.measurements(
      [&](int i) { return batch_of<T>(static_cast<std::size_t>(20 + i), 2, fused.range_size(i)); });
  const auto x = batch_of<T>(1, 2, fused.domain_size());
  const auto g = batch_of<T>(2, 2, fused.domain_size()), h = batch_of<T>(3, 2, fused.domain_size());
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    const DistributedDataFidelity fidelity(distance, reduction);
    const double tolerance = 100 * epsilon<T>;

    const auto expected = fidelity.fn_and_grad(exec, x, y, plain, h);
    const auto value = fidelity.fn(exec, x, y, fused);
    const auto with_gradient = fidelity.fn_and_grad(exec, x, y, fused, g);

    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_NEAR(value[b], expected[b], tolerance * expected[b]);
      EXPECT_NEAR(with_gradient[b], expected[b], tolerance * expected[b]);
    }
    EXPECT_LE(relative_difference(g, h), tolerance);
    fidelity.grad(exec, x, y, fused, g);
    EXPECT_LE(relative_difference(g, h), tolerance);
    EXPECT_TRUE(check_gradient(exec, fidelity, x, y, fused).passed());
  }
  EXPECT_TRUE(check_adjoint<T>(exec, plain).passed());
}

/// Even and odd, of two and of three dimensions, with blocks of lines that are full and cut.
inline const std::vector<Shape>& fourier_shapes() {
  static const std::vector<Shape> all{{8, 10}, {7, 9}, {18, 70}, {4, 6, 18}, {3, 5, 7}};
  return all;
}

}  // namespace misfit::test
