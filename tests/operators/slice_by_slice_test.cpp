// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/slice_by_slice.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace {

using combinations::DenseOf;
using combinations::expect_derivative;
using combinations::matrix;
using combinations::Square;
using misfit::Rows;
using misfit::slice_by_slice;
using misfit::test::expect_argument_error;
using reference::Numbers;

template <typename T>
class SliceBySliceTest : public testing::Test {
 protected:
  /// `count` matrices of 4 x 6, all different.
  static std::vector<DenseOf<T>> matrices(std::size_t count) {
    std::vector<DenseOf<T>> all;
    for (std::size_t s = 0; s < count; ++s) all.push_back(matrix<T>(4, 6, 11 + s));
    return all;
  }
  static misfit::Vector<T> entries(const misfit::Vector<T>& x, std::size_t begin,
                                   std::size_t count) {
    return misfit::Vector<T>(x.data() + begin, count);
  }
  /// A x with operator `op(s)` on slice `slices`[s] of x.
  template <typename Op>
  static Numbers of_slices(const std::vector<std::size_t>& slices, const misfit::Vector<T>& x,
                           const Op& op) {
    Numbers all;
    for (const std::size_t s : slices) {
      const auto y = reference::numbers(reference::apply<T>(op(s), entries(x, 6 * s, 6)));
      all.insert(all.end(), y.begin(), y.end());
    }
    return all;
  }
};
TYPED_TEST_SUITE(SliceBySliceTest, reference::TwoScalars);

TYPED_TEST(SliceBySliceTest, is_the_operator_on_each_slice) {
  using T = TypeParam;
  const auto ops = this->matrices(3);
  const auto x = reference::random_vector<T>(18, 1);
  const auto alike = slice_by_slice(ops[0], 3);
  const auto listed = slice_by_slice(ops);

  static_assert(misfit::LinearOperator<decltype(alike), T>);
  static_assert(!misfit::DifferentiableOperator<decltype(alike), T>);
  EXPECT_EQ(listed.slices(), 3u);
  EXPECT_EQ(listed.domain_size(), 18u);
  EXPECT_EQ(listed.range_size(), 12u);
  reference::expect_close(reference::apply<T>(alike, x),
                          this->of_slices({0, 1, 2}, x, [&](std::size_t) { return ops[0]; }), 0);
  reference::expect_close(reference::apply<T>(listed, x),
                          this->of_slices({0, 1, 2}, x, [&](std::size_t s) { return ops[s]; }), 0);
  reference::expect_adjoint<T>(alike);
  reference::expect_adjoint<T>(listed);
  reference::expect_adjoint<T>(slice_by_slice(slice_by_slice(ops), 2));
  expect_derivative<T>(slice_by_slice(misfit::compose(Square{4}, ops[1]), 3));
}

TYPED_TEST(SliceBySliceTest, bound_is_that_of_each_slice) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto ops = this->matrices(3);
  const misfit::Vector<double> d("d", 18);
  slice_by_slice(ops).add_majorizer(exec, d);
  for (std::size_t s = 0; s < 3; ++s) {
    const misfit::Vector<double> own("own", 6);
    ops[s].add_majorizer(exec, own);
    reference::expect_close(misfit::Vector<double>(d.data() + 6 * s, 6), reference::numbers(own),
                            1e-15L);
  }
}

/// A volume of two channels of 3 slices, of which slices 1 and 2 of each are a slab.
TYPED_TEST(SliceBySliceTest, parts_have_slices_of_their_own) {
  using T = TypeParam;
  const auto ops = this->matrices(6);
  const auto op = [&](std::size_t s) { return ops[s]; };
  const auto all = slice_by_slice(ops);
  const auto x = reference::random_vector<T>(36, 1);
  const misfit::Slab slab{{2, 3, 3, 2}, 1, {1, 3}};
  EXPECT_EQ(all.halo_width(1), misfit::HaloWidth{});
  const auto outputs = all.outputs_of(slab);
  EXPECT_EQ(outputs.shape, misfit::Shape({2, 3, 4}));
  EXPECT_EQ(outputs.dimension, 1u);
  EXPECT_EQ(outputs.rows, (Rows{1, 3}));
  const misfit::Vector<T> owned("owned", 24);
  Kokkos::deep_copy(this->entries(owned, 0, 12), this->entries(x, 6, 12));
  Kokkos::deep_copy(this->entries(owned, 12, 12), this->entries(x, 24, 12));
  reference::expect_close(reference::apply<T>(all.on_slab(slab), owned),
                          this->of_slices({1, 2, 4, 5}, x, op), 0);

  // Cut along the channels, a row is 3 slices.
  const auto channel = all.on_slab({{2, 3, 3, 2}, 0, {1, 2}});
  reference::expect_close(reference::apply<T>(channel, this->entries(x, 18, 18)),
                          this->of_slices({3, 4, 5}, x, op), 0);

  const auto rows = all.on_rows({2, 5});
  reference::expect_close(reference::apply<T>(rows, x), this->of_slices({2, 3, 4}, x, op), 0);
  reference::expect_adjoint<T>(rows);
}

TYPED_TEST(SliceBySliceTest, of_operators_of_any_kind) {
  using T = TypeParam;
  using Any = misfit::AnyOperator<T>;
  const auto ops = this->matrices(2);
  const auto linear = slice_by_slice(std::vector<Any>{ops[0], ops[1]});
  const auto mixed = slice_by_slice(std::vector<Any>{ops[0], misfit::compose(Square{4}, ops[1])});
  EXPECT_TRUE(linear.is_linear());
  EXPECT_FALSE(mixed.is_linear());
  EXPECT_FALSE(mixed.on_rows({0, 2}).is_linear());
  EXPECT_TRUE(mixed.on_rows({0, 1}).is_linear());
  reference::expect_adjoint<T>(linear);
  expect_derivative<T>(mixed);
  expect_derivative<T>(mixed.on_rows({1, 2}));
}

TEST(SliceBySlice, refuses) {
  const auto op = matrix<double>(4, 6);
  const auto of = [](std::vector<DenseOf<double>> ops) { return slice_by_slice(std::move(ops)); };
  expect_argument_error("SliceBySlice: there are no slices", [&] { slice_by_slice(op, 0); });
  expect_argument_error("SliceBySlice: there are no slices", [&] { of({}); });
  expect_argument_error("SliceBySlice: operator 1 has sizes 5 and 4, operator 0 has sizes 6 and 4",
                        [&] { of({op, matrix<double>(4, 5)}); });
  expect_argument_error("SliceBySlice: operator 1 has sizes 6 and 3",
                        [&] { of({op, matrix<double>(3, 6)}); });
  expect_argument_error("more entries than can be counted",
                        [&] { slice_by_slice(op, std::size_t(1) << 62U); });

  const auto volume = slice_by_slice(op, 5);
  const auto refuses_slab = [&](const char* text, const misfit::Slab& slab) {
    expect_argument_error(text, [&] { volume.on_slab(slab); });
  };
  refuses_slab("SliceBySlice: an image of 4 x 6 that is cut along dimension 0 is none of 5 slices",
               {{4, 6}, 0, {0, 2}});
  refuses_slab("5 x 3 x 2 that is cut along dimension 1", {{5, 3, 2}, 1, {0, 2}});
  refuses_slab("rows 0 to 2 (without 2) along dimension 5", {{5, 3, 2}, 5, {0, 2}});
  refuses_slab("rows 4 to 6 (without 6) along dimension 0", {{5, 3, 2}, 0, {4, 6}});
  refuses_slab("SliceBySlice: takes a slab without ghost rows", {{5, 3, 2}, 0, {1, 2}, 1, 0});
  refuses_slab("SliceBySlice: takes a slab without ghost rows", {{5, 3, 2}, 0, {1, 2}, 1, 1});
  refuses_slab("SliceBySlice: a slab that owns no rows", {{5, 3, 2}, 0, {5, 5}});
  expect_argument_error("dimension 2", [&] { volume.outputs_of({{5, 3, 2}, 2, {0, 1}}); });
  expect_argument_error("SliceBySlice: there are 5 rows", [&] { volume.on_rows({4, 6}); });
}

}  // namespace
