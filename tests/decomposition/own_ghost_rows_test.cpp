// SPDX-License-Identifier: BSD-3-Clause

// A user's own Views with ghost rows of their own width: slabs and halos in them, without copies.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/flatten.hpp>
#include <misfit/halo.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::flatten;
using misfit::Halo;
using misfit::Slabs;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::expect_argument_error;
using misfit::test::on_host;

template <typename T>
using Right = Kokkos::View<T, Kokkos::LayoutRight>;

/// Sets the rows of `field`, `row` entries each, that lie behind `before` of them, to those of an
/// image, and all others to 77.
template <typename V>
void fill(const V& field, std::size_t before, const misfit::Rows& own, std::size_t row) {
  std::vector<double> values(field.size(), 77);
  for (std::size_t j = 0; j < own.size() * row; ++j)
    values[before * row + j] = entry<double>(1, own.begin * row + j);
  const Kokkos::View<const double*, Kokkos::HostSpace> host(values.data(), values.size());
  Kokkos::deep_copy(flatten(field), host);
}

TEST(OwnGhostRows, are_left_alone_by_calls_on_the_rows_between) {
  const Exec exec;
  const Slabs slabs(MPI_COMM_WORLD, {7, 3, 2});
  const std::size_t n = slabs.owned().size();
  const Right<double***> field("field", 1 + n + 2, 3, 2), downhill("downhill", 3 + n, 3, 2);
  fill(field, 1, slabs.owned(), 6);
  fill(downhill, 3, slabs.owned(), 6);
  const auto x = slabs.owned_in(field, 1, 2), gradient = slabs.owned_in(downhill, 3, 0);
  ASSERT_EQ(x.size(), slabs.owned_size());
  if (n > 0) {
    EXPECT_EQ(x.data(), field.data() + 6);
    EXPECT_EQ(gradient.data(), downhill.data() + 18);
  }

  const misfit::DistributedOperator operators(slabs, 2, [](int) { return misfit::Identity(42); });
  const auto y = operators.measurements([](int i, const misfit::Rows& rows) {
    return misfit::test::vector_of<double>(static_cast<std::size_t>(i), 6 * rows.size());
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const Kokkos::View<double*> copy("copy", x.size()), of_copy("gradient", x.size());
  Kokkos::deep_copy(copy, x);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  EXPECT_EQ(value, fidelity.fn_and_grad(exec, copy, y, operators, of_copy));
  EXPECT_EQ(on_host(gradient), on_host(of_copy));
  const auto all = on_host(flatten(downhill));
  for (std::size_t j = 0; j < 18; ++j) EXPECT_EQ(all[j], 77);
}

TEST(OwnGhostRows, are_filled_where_they_are_those_of_the_halo) {
  const Exec exec;
  const Slabs slabs(MPI_COMM_WORLD, {9, 2});
  const Halo halo(slabs, {2, 1});
  const auto own = slabs.owned();
  const Right<double**> field("field", 3 + own.size() + 3, 2);
  fill(field, 3, own, 2);

  halo.exchange(exec, halo.extended_in(field, 3, 3));
  exec.fence();
  const auto all = on_host(field);
  for (std::size_t j = 0; j < all.size(); ++j) {
    const std::size_t row = own.begin + j / 2;  // and 3 more
    const bool known =
        !own.empty() && row >= 3 && row < 12 && row >= own.begin + 1 && row < own.end + 4;
    EXPECT_EQ(all[j], known ? entry<double>(1, 2 * (row - 3) + j % 2) : 77) << j;
  }
}

TEST(OwnGhostRows, in_views_of_any_rank) {
  const auto expect_at = [](const auto& view, const auto& part, std::size_t first, std::size_t n) {
    EXPECT_EQ(part.size(), n);
    if (n > 0) {
      EXPECT_EQ(part.data(), view.data() + first);
    }
  };
  const Slabs lines(MPI_COMM_WORLD, {11, 4}), alone(MPI_COMM_WORLD, {11});
  const Slabs inner(MPI_COMM_WORLD, {1, 1, 11, 4}, {.dimension = 2});
  const std::size_t n = lines.owned().size();
  const Right<float*> flat("flat", 4 * (n + 3)), numbers("numbers", n + 3);
  const Right<float****> deep("deep", 1, 1, n + 3, 4);
  const Kokkos::View<float**, Kokkos::LayoutLeft> made("reversed", 4, n + 3);
  const Kokkos::View<const float**, Kokkos::LayoutLeft> reversed = made;
  expect_at(flat, lines.owned_in(flat, 2, 1), 8, 4 * n);
  expect_at(reversed, lines.owned_in(reversed, 2, 1), 8, 4 * n);
  expect_at(deep, inner.owned_in(deep, 1, 2), 4, 4 * n);
  expect_at(numbers, alone.owned_in(numbers, 3, 0), 3, n);
  const Halo halo(lines, {1, 0, true});
  expect_at(flat, halo.extended_in(flat, 2, 1), n > 0 ? 4 : 0, n > 0 ? 4 * (n + 1) : 0);
}

TEST(OwnGhostRows, that_do_not_fit) {
  const Slabs slabs(MPI_COMM_WORLD, {11, 4});
  const std::size_t n = slabs.owned().size(), most = std::numeric_limits<std::size_t>::max();
  const Right<float**> field("field", n + 3, 4), wide("wide", n + 3, 5);
  const Right<float*> flat("flat", 4 * (n + 3));
  const Right<float***> deep("deep", n + 3, 4, 1);
  expect_argument_error("along dimension 0 of the image, must have " + std::to_string(n + 2),
                        [&] { slabs.owned_in(field, 1, 1); });
  expect_argument_error("5 entries along dimension 1 of the image, must have 4",
                        [&] { slabs.owned_in(wide, 2, 1); });
  expect_argument_error("entries, must have " + std::to_string(4 * (n + 2)),
                        [&] { slabs.owned_in(flat, 1, 1); });
  expect_argument_error("has rank 3, must have that of the image, 2, or 1",
                        [&] { slabs.owned_in(deep, 2, 1); });
  expect_argument_error("no View has", [&] { slabs.owned_in(field, most, 4); });
  // As many entries as the View has, in 64 bits.
  expect_argument_error("entries, must have",
                        [&] { slabs.owned_in(flat, (std::size_t{1} << 62U) + 1, 2); });

  const Slabs inner(MPI_COMM_WORLD, {2, 11, 4}, {.dimension = 1});
  const Right<float***> image("image", 2, n + 1, 4), slab("slab", 2, n, 4);
  expect_argument_error("copy them, or cut along dimension 0",
                        [&] { inner.owned_in(image, 0, 1); });
  EXPECT_EQ(inner.owned_in(slab, 0, 0).size(), inner.owned_size());
  // On ranks without ghost rows too: one that goes on would wait for the others.
  const Halo halo(slabs, {0, 2}), inside(inner, {1, 0});
  expect_argument_error("extended_in: after is 1, must be 2 at least",
                        [&] { halo.extended_in(field, 2, 1); });
  expect_argument_error(
      "extended_in: the rows of an image of 2 x 11 x 4 along dimension 1 do not lie",
      [&] { inside.extended_in(image, 1, 0); });
}

}  // namespace
