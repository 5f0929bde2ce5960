// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/cut_images.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Shape;
using misfit::Slabs;
using misfit::test::batch_of;
using misfit::test::counted_rows;
using misfit::test::CutImage;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::on_host;
using misfit::test::uneven_rows;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

template <typename T>
using Batch = Kokkos::View<T**, Kokkos::LayoutRight>;

template <typename T>
class SlabsTest : public testing::Test {
 protected:
  const Exec exec{};
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(SlabsTest, Scalars);

TEST(Slabs, rows_differ_by_one_and_are_all_of_them) {
  for (std::size_t n = 1; n < 20; ++n) {
    const Slabs slabs(MPI_COMM_WORLD, {n, 2});
    std::size_t next = 0;
    for (int r = 0; r < world_size(); ++r) {
      EXPECT_EQ(slabs.rows(r), counted_rows(n, static_cast<std::size_t>(r),
                                            static_cast<std::size_t>(world_size())));
      EXPECT_EQ(slabs.rows(r).begin, next);
      next = slabs.rows(r).end;
    }
    EXPECT_EQ(next, n);
    EXPECT_EQ(slabs.owned(), slabs.rows(world_rank()));
    EXPECT_EQ(slabs.owned_size(), 2 * slabs.owned().size());
  }
}

std::size_t own_uneven_rows(std::size_t rows) {
  return uneven_rows(rows, static_cast<std::size_t>(world_rank()),
                     static_cast<std::size_t>(world_size()))
      .size();
}

TEST(Slabs, rows_may_be_those_of_a_code_of_its_own) {
  for (std::size_t n = 1; n < 20; ++n) {
    const misfit::Communicator world(MPI_COMM_WORLD);
    const Slabs slabs(world, {3, n}, {.dimension = 1, .rows = own_uneven_rows(n)});
    for (int r = 0; r < world_size(); ++r)
      EXPECT_EQ(slabs.rows(r), uneven_rows(n, static_cast<std::size_t>(r),
                                           static_cast<std::size_t>(world_size())));
    EXPECT_EQ(slabs.owned(), slabs.rows(world_rank()));
    EXPECT_EQ(slabs.owned_size(), 3 * slabs.owned().size());
  }
}

TYPED_TEST(SlabsTest, scatter_and_gather) {
  using T = TypeParam;
  for (const auto& shape : {Shape{11}, Shape{3, 5}, Shape{2, 7, 3}, Shape{2, 2, 3, 2}})
    for (std::size_t dimension = 0; dimension < shape.rank(); ++dimension)
      for (const int root : {0, world_size() - 1}) {
        misfit::SlabsOptions options{.dimension = dimension};
        if (root > 0) options.rows = own_uneven_rows(shape[dimension]);
        const Slabs slabs(MPI_COMM_WORLD, shape, options);
        const auto images = batch_of<T>(1, 3, shape.size());
        const Batch<T> none, owned("owned", 3, slabs.owned_size());
        slabs.scatter(this->exec, world_rank() == root ? images : none, owned, root);
        const CutImage image(shape, dimension);
        std::vector<std::size_t> rows;
        for (std::size_t r = slabs.owned().begin; r < slabs.owned().end; ++r) rows.push_back(r);
        const auto whole = on_host(images), part = on_host(owned);
        const auto at = image.entries(rows, 3);
        ASSERT_EQ(part.size(), at.size());
        for (std::size_t j = 0; j < at.size(); ++j) EXPECT_EQ(part[j], whole[at[j]]);

        const Batch<T> gathered("gathered", 3, shape.size());
        slabs.gather(this->exec, owned, world_rank() == root ? gathered : none, root);
        if (world_rank() == root) {
          EXPECT_EQ(on_host(gathered), whole);
        }
      }
}

TYPED_TEST(SlabsTest, take_any_layout) {
  using T = TypeParam;
  const Shape shape{7, 3};
  const Slabs slabs(MPI_COMM_WORLD, shape);
  const auto images = batch_of<T>(1, 2, shape.size());
  const Kokkos::View<T**, Kokkos::LayoutLeft> left("left", 2, shape.size()),
      owned_left("owned left", 2, slabs.owned_size()), back("back", 2, shape.size());
  Kokkos::deep_copy(left, images);
  const Batch<T> owned("owned", 2, slabs.owned_size());
  slabs.scatter(this->exec, images, owned);
  slabs.scatter(this->exec, left, owned_left);
  EXPECT_EQ(on_host(owned_left), on_host(owned));
  slabs.gather(this->exec, owned_left, back);
  if (world_rank() == 0) {
    EXPECT_EQ(on_host(back), on_host(images));
  }
}

TYPED_TEST(SlabsTest, dot_and_norm_are_those_of_the_whole_image) {
  using T = TypeParam;
  const Shape shape{11, 3};
  const Slabs slabs(MPI_COMM_WORLD, shape);
  const auto a = vector_of<T>(1, shape.size()), b = vector_of<T>(2, shape.size());
  const misfit::Vector<T> own_a("a", slabs.owned_size()), own_b("b", slabs.owned_size());
  slabs.scatter(this->exec, a, own_a);
  slabs.scatter(this->exec, b, own_b);
  const double dot = misfit::detail::dot(this->exec, a, b);
  const double squares = misfit::detail::dot(this->exec, a, a);
  EXPECT_NEAR(slabs.dot(this->exec, own_a, own_b), dot, 1e-12);
  EXPECT_NEAR(slabs.norm(this->exec, own_a), std::sqrt(squares), 1e-12);
}

TEST(SlabsFaults, arguments_that_differ_or_do_not_fit) {
  const bool last = world_rank() == world_size() - 1;
  expect_same_error<ArgumentError>([] { Slabs(MPI_COMM_WORLD, {3, 4}, {.dimension = 2}); },
                                   {"dimension: is 2", "3 x 4 has dimensions 0 to 1"});
  if (world_size() > 1) {
    expect_same_error<ArgumentError>([&] { Slabs(MPI_COMM_WORLD, {3, last ? 5UL : 4UL}); },
                                     {"the fingerprint of the shape"});
    expect_same_error<ArgumentError>(
        [&] { Slabs(MPI_COMM_WORLD, {3, 4}, {.dimension = last ? 1UL : 0UL}); }, {"the dimension"});
  }
  const std::string others = std::to_string(2 * world_size());
  expect_same_error<ArgumentError>(
      [] { Slabs(MPI_COMM_WORLD, {100, 2}, {.rows = 2}); },
      {"rows: the ranks own " + others + " together", "the image has 100"});
  expect_same_error<ArgumentError>([&] { Slabs(MPI_COMM_WORLD, {3, 4}, {.rows = last ? 4 : 0}); },
                                   {"rows: 4, the image has 3"});
  if (world_size() > 1)
    expect_same_error<ArgumentError>(
        [&] {
          Slabs(MPI_COMM_WORLD, {3, 4},
                {.rows = last ? std::optional<std::size_t>(3) : std::nullopt});
        },
        {"whether a rank says its rows"});
  const Slabs slabs(MPI_COMM_WORLD, {9, 2});
  EXPECT_THROW(slabs.rows(-1), ArgumentError);
  EXPECT_THROW(slabs.rows(world_size()), ArgumentError);
  const Exec exec;
  const auto image = vector_of<double>(1, 18), owned = vector_of<double>(2, slabs.owned_size());
  const auto wrong = vector_of<double>(2, slabs.owned_size() + (last ? 1 : 0));
  const std::string rank = "rank " + std::to_string(world_size() - 1);
  expect_same_error<ArgumentError>([&] { slabs.scatter(exec, image, wrong); },
                                   {rank, "owned: has"});
  expect_same_error<ArgumentError>([&] { slabs.gather(exec, wrong, image); }, {rank, "owned: has"});
  expect_same_error<ArgumentError>([&] { slabs.dot(exec, owned, wrong); }, {rank, "b: has"});
  expect_same_error<ArgumentError>([&] { slabs.dot(exec, wrong, owned); }, {rank, "a: has"});
  expect_same_error<ArgumentError>([&] { slabs.scatter(exec, owned, owned); },
                                   {"rank 0", world_size() == 1 ? "shares memory" : "global: has"});
  expect_same_error<ArgumentError>([&] { slabs.scatter(exec, image, owned, world_size()); },
                                   {"root: there is no rank"});
  slabs.scatter(exec, image, owned);
  EXPECT_NEAR(slabs.norm(exec, owned), std::sqrt(misfit::detail::dot(exec, image, image)), 1e-12);
}

}  // namespace
