// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"

#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>

namespace {

using misfit::Shape;
using misfit::test::expect_argument_error;

TEST(Shape, has_the_product_of_its_extents) {
  EXPECT_EQ((Shape{3, 4, 5}.size()), 60U);
  EXPECT_EQ((Shape{std::size_t(1) << 40U, std::size_t(1) << 22U}.size()), std::size_t(1) << 62U);
}

TEST(Shape, refuses_what_cannot_be_counted) {
  expect_argument_error("is empty or too large", [] { Shape{3, 0, 5}; });
  expect_argument_error("is empty or too large",
                        [] { Shape{std::size_t(1) << 40U, std::size_t(1) << 23U}; });
  expect_argument_error("is empty or too large", [] { Shape{std::size_t(1) << 63U}; });
  expect_argument_error("has 0 extents", [] { Shape(std::initializer_list<std::size_t>{}); });
  expect_argument_error("has 5 extents", [] { Shape{1, 1, 1, 1, 1}; });
  expect_argument_error("3 x 4 has no dimension 2", [] { Shape({3, 4}).with(2, 1); });
}

}  // namespace
