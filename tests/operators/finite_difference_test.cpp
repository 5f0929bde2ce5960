// SPDX-License-Identifier: BSD-3-Clause
#include "neighbours.hpp"
#include "refusals.hpp"

#include <misfit/operators/finite_difference.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::FiniteDifference;
using misfit::Shape;
using neighbours::Case;

/// One to three dimensions, extents of 1, channels, lines of more than one piece.
std::vector<Case> cases() {
  return {{{7}, 1},       {{1}, 1},       {{5, 6}, 2},    {{1, 6}, 2},       {{6, 1}, 2},
          {{5, 6}, 1},    {{3, 4, 5}, 3}, {{3, 4, 5}, 2}, {{3, 4, 5}, 1},    {{2, 1, 3}, 3},
          {{1, 1, 1}, 3}, {{9000}, 1},    {{2, 5000}, 2}, {{2, 2, 4097}, 3}, {{4096}, 1}};
}

template <typename T>
class FiniteDifferenceTest : public testing::Test {};
TYPED_TEST_SUITE(FiniteDifferenceTest, reference::Scalars);

TYPED_TEST(FiniteDifferenceTest, is_the_difference_of_neighbours) {
  using T = TypeParam;
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.shape.text());
    const auto x = reference::random_vector<T>(c.shape.size(), 1);

    const FiniteDifference d(c.shape, c.dimensions);

    EXPECT_EQ(d.domain_shape(), c.shape);
    EXPECT_EQ(d.range_shape()[0], c.dimensions);
    EXPECT_EQ(d.range_size(), c.dimensions * c.shape.size());
    reference::expect_close(reference::apply<T>(d, x),
                            neighbours::differences(c, reference::numbers(x)),
                            std::numeric_limits<misfit::detail::Real<T>>::epsilon());
  }
}

TYPED_TEST(FiniteDifferenceTest, adjoint_is_exact) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  static_assert(misfit::LinearOperator<FiniteDifference, T>);
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.shape.text());
    const FiniteDifference d(c.shape, c.dimensions);

    reference::expect_adjoint<T>(d);
    const auto checked = misfit::check_adjoint<T>(exec, d);
    EXPECT_TRUE(checked.passed()) << checked.error;
  }
}

TEST(FiniteDifference, along_all_dimensions_by_default) {
  EXPECT_EQ(FiniteDifference({4, 5, 6}).range_shape(), Shape({3, 4, 5, 6}));
  EXPECT_EQ(FiniteDifference({4, 5}).range_shape(), Shape({2, 4, 5}));
  EXPECT_EQ(FiniteDifference({4}).range_shape(), Shape({1, 4}));
}

TEST(FiniteDifference, refuses_on_every_rank_what_one_gets_wrong) {
  struct Fault {
    Shape shape;
    std::size_t dimensions;
    std::string words;
  };
  const std::vector<Fault> faults = {
      {{2, 2, 2, 3}, 2, "FiniteDifference: shape 2 x 2 x 2 x 3 has more than 3 dimensions"},
      {{4, 6}, 0, "FiniteDifference: along 0 dimensions of an image of shape 4 x 6"},
      {{4, 6}, 3, "FiniteDifference: along 3 dimensions of an image of shape 4 x 6"}};
  for (const Fault& fault : faults)
    misfit::test::expect_refused_on_all_ranks(
        [] { return FiniteDifference({4, 6}); },
        [&] { return FiniteDifference(fault.shape, fault.dimensions); }, {fault.words});
}

TEST(FiniteDifference, refuses_slabs_that_are_none) {
  const FiniteDifference differences({4, 6});
  const auto refuses = [&](const char* words, const misfit::Slab& slab) {
    misfit::test::expect_argument_error(words, [&] { differences.on_slab(slab); });
  };
  refuses("slab of an image of 6 x 4; the operator is of one of 4 x 6", {{6, 4}, 0, {0, 2}, 0, 1});
  refuses("along dimension 3, of an image of 4 x 6", {{4, 6}, 3, {0, 2}, 0, 1});
  refuses("rows 3 to 5 (without 5) along dimension 0", {{4, 6}, 0, {3, 5}, 0, 1});
  refuses("without a ghost row after them", {{4, 6}, 0, {1, 3}, 1, 0});
  refuses("a slab with ghost rows behind the image", {{4, 6}, 0, {2, 4}, 1, 1});
}

}  // namespace
