// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Fidelities of operators that take complex signals to intensities.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace misfit::test {

/// The same operator, of which misfit knows nothing more than A and its derivative.
template <typename Op>
struct PlainIntensities {
  Op op;
  std::size_t domain_size() const { return op.domain_size(); }
  std::size_t range_size() const { return op.range_size(); }
  template <typename X, typename Y>
  auto apply(const Exec& exec, const X& x, const Y& y) const -> decltype(op.apply(exec, x, y)) {
    op.apply(exec, x, y);
  }
  template <typename X, typename R, typename G>
  auto add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const
      -> decltype(op.add_vjp(exec, x, r, g)) {
    op.add_vjp(exec, x, r, g);
  }
};

/// Numbers in [0.2, 2): far enough from 0 for differences of √y.
template <typename R>
Kokkos::View<R**, Kokkos::LayoutRight> intensities(std::size_t k, std::size_t batch,
                                                   std::size_t n) {
  const auto y = batch_of<R>(k, batch, n);
  const auto all = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, y);
  for (std::size_t b = 0; b < batch; ++b)
    for (std::size_t j = 0; j < n; ++j) all(b, j) = R(1.1) + R(0.8) * all(b, j);
  Kokkos::deep_copy(y, all);
  return y;
}

/// Expects of a distance and a stack of five operators: the gradient against differences, and
/// misfit's passes for them against those for any operator, which sum and round in the same order.
template <typename T, typename Factory, typename D>
void expect_fidelity_of_intensities(Factory&& factory, const D& distance) {
  using Op = std::remove_cvref_t<std::invoke_result_t<Factory&, int>>;
  using R = detail::Real<T>;
  static_assert(FusedOperator<Op, D, T, R>);
  static_assert(!FusedOperator<PlainIntensities<Op>, D, T, R>);
  constexpr int n = 5;
  const Exec exec;
  const DistributedOperator fused(MPI_COMM_WORLD, n, factory);
  const DistributedOperator plain(MPI_COMM_WORLD, n,
                                  [&](int i) { return PlainIntensities<Op>{factory(i)}; });
  const auto y = fused.measurements([&](int i) {
    return intensities<R>(static_cast<std::size_t>(20 + i), 2, fused.range_size(i));
  });
  const auto x = batch_of<T>(1, 2, fused.domain_size());
  const auto g = batch_of<T>(2, 2, fused.domain_size()), h = batch_of<T>(3, 2, fused.domain_size());
  const double tolerance = 100 * std::numeric_limits<R>::epsilon();
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    const DistributedDataFidelity fidelity(distance, reduction);

    const auto expected = fidelity.fn_and_grad(exec, x, y, plain, h);
    const auto value = fidelity.fn(exec, x, y, fused);
    const auto with_gradient = fidelity.fn_and_grad(exec, x, y, fused, g);

    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_NEAR(value[b], expected[b], tolerance * expected[b]);
      EXPECT_NEAR(with_gradient[b], expected[b], tolerance * expected[b]);
    }
    const auto all_g = detail::all_signals(g), all_h = detail::all_signals(h);
    const double size = std::sqrt(detail::dot(exec, all_h, all_h));
    detail::axpby(exec, -1, all_h, 1, all_g);
    EXPECT_LE(std::sqrt(detail::dot(exec, all_g, all_g)), tolerance * size);
    const auto checked = check_gradient(exec, fidelity, x, y, fused);
    EXPECT_TRUE(checked.passed()) << checked.error;
  }
  const auto adjoint = check_adjoint<T>(exec, fused);
  EXPECT_TRUE(adjoint.passed()) << adjoint.error;
}

/// The distances for intensities in turn. (Poisson with a background: |B x|² may be close to 0.)
template <typename T, typename Factory>
void expect_fidelities_of_intensities(Factory&& factory) {
  expect_fidelity_of_intensities<T>(factory, L2{0.7});
  expect_fidelity_of_intensities<T>(factory, Amplitude{});
  expect_fidelity_of_intensities<T>(factory, Poisson{0.5, 0.3});
}

}  // namespace misfit::test
