// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/distances/evaluate.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/flatten.hpp>
#include <misfit/shape.hpp>

#include <gtest/gtest.h>

static_assert(misfit::LinearOperator<misfit::Identity>);
static_assert(misfit::DifferentiableDistance<misfit::L2, Kokkos::complex<float>>);
static_assert(misfit::ProximableDistance<misfit::L2, float>);

TEST(L2, value_and_gradient) {
  const Kokkos::DefaultExecutionSpace exec;
  Kokkos::View<double*> u("u", 3), y("y", 3);
  Kokkos::deep_copy(u, 3.0);
  EXPECT_DOUBLE_EQ(misfit::value_and_gradient(exec, misfit::L2{0.5}, u, y, u), 54.0);
  EXPECT_THROW(misfit::L2{-1}, misfit::ArgumentError);
}
