// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation/unknowns.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/any_distance.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/weighted.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/identity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <type_traits>

namespace {

using misfit::Reduction;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::SquaredOperator;
using misfit::test::unknowns;
using misfit::test::vector_of;
using misfit::test::widen;

template <typename T>
class FidelityProxTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(FidelityProxTest, Scalars);

TYPED_TEST(FidelityProxTest, of_l2_solves_its_linear_system) {
  using T = TypeParam;
  const Exec exec;
  constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(i), 6, unknowns);
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<T>(20 + static_cast<std::size_t>(i), 6); });
  const auto v = vector_of<T>(1, unknowns);
  const double gamma = 0.3;
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(
        operators, [](int i) { return misfit::L2{0.5 + 0.1 * i}; }, reduction);
    Kokkos::View<T*> p("p", unknowns), gradient("gradient", unknowns);

    const auto result = fidelity.prox(exec, gamma, v, y, operators, p,
                                      {.tolerance = single ? 1e-6 : 1e-13, .max_iterations = 60});

    // Optimality: p + γ∇f(p) = v.
    fidelity.grad(exec, p, y, operators, gradient);
    const auto p_host = on_host(p), g = on_host(gradient), v_host = on_host(v);
    EXPECT_TRUE(result.converged) << result.residual;
    for (std::size_t j = 0; j < unknowns; ++j)
      EXPECT_NEAR(std::abs(widen(p_host[j]) + static_cast<long double>(gamma) * widen(g[j]) -
                           widen(v_host[j])),
                  0, single ? 2e-4 : 1e-10);

    Kokkos::View<T*> in_place("in place", unknowns);
    Kokkos::deep_copy(in_place, v);
    fidelity.prox(exec, gamma, in_place, y, operators, in_place,
                  {.tolerance = single ? 1e-6 : 1e-13, .max_iterations = 60});
    EXPECT_EQ(on_host(in_place), p_host);
  }
}

// v and the data cancel: the right-hand side is 0, and so is the solution.
TEST(FidelityProx, of_l2_is_0_where_the_right_hand_side_is) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [](int) { return misfit::Identity(3); });
  const Kokkos::View<double*> v("v", 3), opposite("y", 3), p("p", 3);
  Kokkos::deep_copy(v, 1e-7);
  Kokkos::deep_copy(opposite, -1e-7);
  const auto y = operators.measurements([&](int) { return opposite; });
  const auto result =
      misfit::DistributedDataFidelity(misfit::L2{}).prox(exec, 1.0, v, y, operators, p);
  EXPECT_TRUE(result.converged);
  for (const double entry : on_host(p)) EXPECT_NEAR(entry, 0, 1e-13);
}

TEST(FidelityProx, refuses_what_is_not_linear_or_has_no_prox) {
  const Exec exec;
  const auto v = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> p("p", unknowns);
  const auto data = [](int) { return vector_of<double>(20, 6); };
  const misfit::DistributedOperator squared(
      MPI_COMM_WORLD, 2, [](int) { return SquaredOperator<double>(0, 6, unknowns); });
  const misfit::DistributedOperator linear(
      MPI_COMM_WORLD, 2, [](int) { return MatrixOperator<double>(0, 6, unknowns); });
  const misfit::DistributedDataFidelity l2(misfit::L2{});
  const misfit::DistributedDataFidelity amplitude(
      linear, [](int) { return misfit::AnyDistance<double>(misfit::Amplitude{0.1}); });

  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { l2.prox(exec, 1.0, v, squared.measurements(data), squared, p); },
      {"rank 0, operator 0", "not linear"});
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { amplitude.prox(exec, 1.0, v, linear.measurements(data), linear, p); },
      {"rank 0, operator 0", "Amplitude", "has no prox"});
  const misfit::DistributedDataFidelity weighted(misfit::Weighted{misfit::Amplitude{0.1}, 2.0});
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { weighted.prox(exec, 1.0, v, linear.measurements(data), linear, p); },
      {"rank 0, operator 0", "not quadratic", "no prox"});
}

}  // namespace
