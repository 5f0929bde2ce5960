// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/identity.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
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

/// And so do all operators entry by entry.
TEST(IdentityOnSlab, refuses_slabs_of_other_images_and_ghost_rows) {
  using misfit::test::expect_argument_error;
  const misfit::Identity a(6);
  EXPECT_EQ(a.on_slab({{3, 2}, 0, {1, 3}}).domain_size(), 4U);
  expect_argument_error("Identity: has 6 entries, the slab is of an image of 3 x 3",
                        [&] { (void)a.on_slab({{3, 3}, 0, {0, 2}}); });
  expect_argument_error("rows 2 to 4 (without 4) along dimension 0",
                        [&] { (void)a.on_slab({{3, 2}, 0, {2, 4}}); });
  expect_argument_error("Identity: a slab that owns no rows",
                        [&] { (void)a.on_slab({{3, 2}, 0, {2, 2}}); });
  expect_argument_error("Identity: takes a slab without ghost rows",
                        [&] { (void)a.on_slab({{3, 2}, 0, {0, 2}, 0, 1}); });
}

}  // namespace
