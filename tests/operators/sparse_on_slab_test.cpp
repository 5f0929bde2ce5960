// SPDX-License-Identifier: BSD-3-Clause

// A sparse matrix on slabs of an image against the whole matrix: how far its columns reach, and
// what its parts are.

#include "decomposition/cut_images.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"
#include "support/stencils.hpp"

#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/operators/sparse.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <complex>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::HaloWidth;
using misfit::Rows;
using misfit::Shape;
using misfit::Slab;
using misfit::test::all_of;
using misfit::test::Complex;
using misfit::test::counted_rows;
using misfit::test::CutImage;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::picked;
using misfit::test::RowsWithGhosts;
using misfit::test::sparse_matrix;
using misfit::test::stencil;
using misfit::test::vector_of;
using misfit::test::widen;

using Columns = std::vector<std::vector<std::size_t>>;  // of each row

/// The columns of those of `a` behind those of `b`.
Columns stacked(Columns a, const Columns& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
/// Each row `times` times.
Columns repeated(const Columns& a, std::size_t times) {
  Columns all;
  for (const auto& row : a) all.insert(all.end(), times, row);
  return all;
}

template <typename T>
class SparseOnSlab : public testing::Test {
 protected:
  const Exec exec{};
  const double tolerance = 400 * std::numeric_limits<misfit::detail::Real<T>>::epsilon();

  /// The matrix on `slabs` slabs with `more` ghost rows than it needs, against the whole.
  void check_parts(const Shape& shape, std::size_t dimension, const Columns& columns,
                   std::size_t slabs, std::size_t more) {
    const auto whole = sparse_matrix<T>(columns, shape.size());
    const auto footprint = whole.footprint(shape, dimension);
    const CutImage image(shape, dimension);
    const auto x = vector_of<T>(1, shape.size()), r = vector_of<T>(2, whole.range_size());
    const misfit::Vector<T> y("y", whole.range_size()), g("g", shape.size());
    whole.apply(exec, misfit::Vector<const T>(x), y);
    whole.add_adjoint(exec, misfit::Vector<const T>(r), g);
    const auto all_x = on_host(x), all_y = on_host(y), all_r = on_host(r), all_g = on_host(g);
    std::vector<Complex> sum(shape.size());
    std::size_t next = 0;
    for (std::size_t s = 0; s < slabs; ++s) {
      Slab slab{shape, dimension, counted_rows(image.rows, s, slabs)};
      if (slab.owned.empty()) continue;
      const RowsWithGhosts rows(image.rows, slab.owned, footprint.halo.before + more,
                                footprint.halo.after + more, false);
      slab.before = rows.owned;
      slab.after = rows.rows.size() - rows.owned - slab.owned.size();
      const auto own = footprint.outputs_of(slab);
      ASSERT_EQ(own.rows.begin, next);
      next = own.rows.end;
      if (own.rows.empty()) continue;
      const CutImage outputs(own.shape, own.dimension);
      const auto part = whole.on_slab(slab);
      const auto in = image.entries(rows.rows, 1), out = outputs.entries(all_of(own.rows), 1);
      ASSERT_EQ(part.domain_size(), in.size());
      ASSERT_EQ(part.range_size(), out.size());

      const misfit::Vector<T> part_y("part of y", out.size()), part_g("part of g", in.size());
      part.apply(exec, misfit::Vector<const T>(picked(all_x, in)), part_y);
      part.add_adjoint(exec, misfit::Vector<const T>(picked(all_r, out)), part_g);
      const auto host_y = on_host(part_y), host_g = on_host(part_g);
      for (std::size_t j = 0; j < out.size(); ++j)
        ASSERT_LE(std::abs(widen(host_y[j]) - widen(all_y[out[j]])), tolerance) << "slab " << s;
      for (std::size_t j = 0; j < in.size(); ++j) sum[in[j]] += widen(host_g[j]);
    }
    EXPECT_EQ(next, footprint.length);
    for (std::size_t j = 0; j < sum.size(); ++j)
      ASSERT_LE(std::abs(sum[j] - widen(all_g[j])), tolerance) << "gradient at " << j;
  }

  void check(const std::string& name, const Shape& shape, std::size_t dimension,
             const Columns& columns, const HaloWidth& width, std::size_t lines) {
    SCOPED_TRACE(name + ", " + shape.text() + " along " + std::to_string(dimension));
    const auto footprint = sparse_matrix<T>(columns, shape.size()).footprint(shape, dimension);
    EXPECT_EQ(footprint.halo.before, width.before);
    EXPECT_EQ(footprint.halo.after, width.after);
    EXPECT_FALSE(footprint.halo.circular);
    EXPECT_EQ(footprint.lines, lines);
    for (const std::size_t slabs : {1UL, 2UL, 3UL, 5UL, 11UL})
      for (const std::size_t more : {0UL, 2UL}) check_parts(shape, dimension, columns, slabs, more);
  }
};
using TwoScalars = testing::Types<float, Kokkos::complex<double>>;
TYPED_TEST_SUITE(SparseOnSlab, TwoScalars);

TYPED_TEST(SparseOnSlab, stencils_reach_as_far_as_their_columns) {
  const Shape image{9, 4}, volume{2, 7, 3};
  this->check("nearest", image, 0, stencil(image, 0, {-1, 0, 1}), {1, 1}, 1);
  this->check("two before, one after", image, 0, stencil(image, 0, {-2, 1}), {2, 1}, 1);
  this->check("along a row", image, 0, stencil(image, 1, {-1, 0, 2}), {0, 0}, 1);
  this->check("along a row", image, 1, stencil(image, 1, {-1, 0, 2}), {1, 2}, 9);
  this->check("in lines", volume, 1, stencil(volume, 1, {-1, 0, 3}), {1, 3}, 2);
  this->check("from channel to channel", volume, 1, stencil(volume, 0, {-1, 0, 1}), {0, 0}, 2);
  this->check("from channel to channel", volume, 0, stencil(volume, 0, {-1, 0, 1}), {1, 1}, 1);
}

/// What is kept for one image is not taken for another of the same size.
TYPED_TEST(SparseOnSlab, reaches_as_far_in_every_image) {
  const Shape wide{4, 9}, tall{9, 4};
  const auto matrix = sparse_matrix<TypeParam>(stencil(wide, 0, {-2, 1}), wide.size());
  for (int call = 0; call < 2; ++call) {
    EXPECT_EQ(matrix.footprint(wide, 0).halo.before, 2U);
    EXPECT_EQ(matrix.footprint(tall, 0).halo.before, 5U);  // 18 entries
    EXPECT_EQ(matrix.footprint(wide, 0).halo.after, 1U);
  }
}

TYPED_TEST(SparseOnSlab, rows_for_several_pixels_or_several_for_one) {
  const Shape image{8, 3}, volume{2, 8, 3};
  const auto forward = stencil(image, 0, {0, 1}), across = stencil(image, 1, {0, 1});
  this->check("two for a pixel", image, 0, repeated(forward, 2), {0, 1}, 1);
  this->check("a gradient", image, 0, stacked(forward, across), {0, 1}, 2);
  this->check("a gradient", volume, 1,
              stacked(stencil(volume, 1, {0, 1}), stencil(volume, 2, {0, 1})), {0, 1}, 4);
  this->check("two for a pixel, in lines", volume, 1, repeated(stencil(volume, 1, {-1, 1}), 2),
              {1, 1}, 2);
  // Each row of y reads two of x: outputs in the middle of those read one more.
  Columns halved;
  for (std::size_t j = 0; j < 4 * 3; ++j)
    halved.push_back({j / 3 * 6 + j % 3, j / 3 * 6 + 3 + j % 3});
  this->check("one for two", image, 0, halved, {1, 1}, 1);
  this->check("three rows", image, 0, {{0, 4}, {}, {20, 23}}, {2, 0}, 1);
}

TYPED_TEST(SparseOnSlab, far_columns_reach_over_the_image) {
  const Shape image{9, 4};
  this->check("around", image, 0, stencil(image, 0, {-1, 0, 1}, true), {8, 8}, 1);
  this->check("transposed", {3, 3}, 0, {{0}, {3}, {6}, {1}, {4}, {7}, {2}, {5}, {8}}, {2, 2}, 1);
  this->check("one row", image, 0, {{0}}, {8, 0}, 1);
}

TEST(SparseOnSlabFaults, refuses_what_does_not_fit) {
  using misfit::test::expect_argument_error;
  const Shape image{9, 4};
  const auto a = sparse_matrix<double>(stencil(image, 0, {-1, 0, 1}), 36);
  expect_argument_error("Sparse: a matrix of 36 columns, for an image of 9 x 5 along dimension 0",
                        [&] { a.footprint({9, 5}, 0); });
  expect_argument_error("9 x 4 along dimension 2", [&] { a.footprint(image, 2); });
  expect_argument_error("Sparse: a slab with 0 ghost rows before and 1 after; the matrix reaches",
                        [&] { a.on_slab({image, 0, {3, 6}, 0, 1}); });
  expect_argument_error("a slab with 1 ghost rows before and 0 after",
                        [&] { a.on_slab({image, 0, {3, 6}, 1, 0}); });
  EXPECT_EQ(sparse_matrix<double>({}, 36).footprint(image, 0).halo, HaloWidth{});
}

}  // namespace
