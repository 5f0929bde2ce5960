// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/identity.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

namespace {

template <typename T>
class IdentityTest : public testing::Test {};
TYPED_TEST_SUITE(IdentityTest, reference::Scalars);

TYPED_TEST(IdentityTest, gives_x_back) {
  const misfit::Identity a(37);
  const auto x = reference::random_vector<TypeParam>(37, 1);

  reference::expect_close(reference::apply<TypeParam>(a, x), reference::numbers(x), 0);
  reference::expect_adjoint<TypeParam>(a);
}

}  // namespace
