// SPDX-License-Identifier: BSD-3-Clause

// Ghost rows against plain loops over the whole image: halos of any width, also wider than a slab
// and than the image, on more ranks than rows.

#include "decomposition/cut_images.hpp"
#include "decomposition/halo_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/halo.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <complex>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using misfit::Halo;
using misfit::Slabs;
using misfit::test::all_of;
using misfit::test::Complex;
using misfit::test::counted_rows;
using misfit::test::CutImage;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::halo_cases;
using misfit::test::HaloCase;
using misfit::test::images;
using misfit::test::on_host;
using misfit::test::RowsWithGhosts;
using misfit::test::widen;
using misfit::test::world_rank;
using misfit::test::world_size;

template <typename T>
class HaloTest : public testing::Test {
 protected:
  static constexpr std::size_t batch = 3;
  const Exec exec{};

  /// What the ghosts of all ranks, of numbers of 100 + rank, add up to at the rows of this one.
  std::vector<Complex> accumulated(const HaloCase& test,
                                   const std::vector<std::size_t>& own) const {
    const CutImage image(test.shape, test.dimension);
    std::vector<Complex> whole(batch * test.shape.size());
    for (int r = 0; r < world_size(); ++r) {
      const auto rows = counted_rows(image.rows, static_cast<std::size_t>(r),
                                     static_cast<std::size_t>(world_size()));
      const RowsWithGhosts ghosts(image.rows, rows, test.width.before, test.width.after,
                                  test.width.circular);
      const auto at = image.entries(ghosts.rows, batch);
      for (std::size_t j = 0; j < at.size(); ++j)
        whole[at[j]] += widen(entry<T>(100 + static_cast<std::size_t>(r), j));
    }
    std::vector<Complex> part;
    for (const std::size_t j : own) part.push_back(whole[j]);
    return part;
  }
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(HaloTest, Scalars);

TYPED_TEST(HaloTest, ghosts_are_the_rows_of_others) {
  using T = TypeParam;
  for (const HaloCase& test : halo_cases())
    for (const bool even : {true, false}) {
      SCOPED_TRACE(test.text() + (even ? "" : ", rows of its own"));
      const CutImage image(test.shape, test.dimension);
      const auto rows_of = even ? counted_rows : misfit::test::uneven_rows;
      const auto own = rows_of(image.rows, static_cast<std::size_t>(world_rank()),
                               static_cast<std::size_t>(world_size()));
      misfit::SlabsOptions options{.dimension = test.dimension};
      if (!even) options.rows = own.size();
      const Slabs slabs(MPI_COMM_WORLD, test.shape, options);
      const Halo halo(slabs, test.width);
      const misfit::Slab slab = halo.slab();
      EXPECT_EQ(slab.owned, own);
      EXPECT_EQ(own.empty() ? 0 : slab.extended().size(), halo.extended_size());
      const RowsWithGhosts ghosts(image.rows, own, test.width.before, test.width.after,
                                  test.width.circular);
      ASSERT_EQ(slabs.owned(), own);
      ASSERT_EQ(halo.before(), ghosts.owned);
      ASSERT_EQ(halo.before() + own.size() + halo.after(), ghosts.rows.size());
      const auto owned = images<T>(1, image.entries(all_of(own), this->batch), this->batch);
      const auto expected = images<T>(1, image.entries(ghosts.rows, this->batch), this->batch);
      ASSERT_EQ(halo.extended_size(), expected.extent(1));

      const Kokkos::View<T**, Kokkos::LayoutRight> extended("extended", this->batch,
                                                            halo.extended_size());
      Kokkos::deep_copy(extended, T(77));
      halo.exchange(this->exec, owned, extended);
      this->exec.fence();
      EXPECT_EQ(on_host(extended), on_host(expected));
    }
}

TYPED_TEST(HaloTest, accumulate_adds_the_ghosts_to_their_rows) {
  using T = TypeParam;
  for (const HaloCase& test : halo_cases()) {
    SCOPED_TRACE(test.text());
    const Slabs slabs(MPI_COMM_WORLD, test.shape, {.dimension = test.dimension});
    const Halo halo(slabs, test.width);
    const CutImage image(test.shape, test.dimension);
    const auto own = image.entries(all_of(slabs.owned()), this->batch);
    const auto extended = misfit::test::batch_of<T>(100 + static_cast<std::size_t>(world_rank()),
                                                    this->batch, halo.extended_size());
    const Kokkos::View<T**, Kokkos::LayoutRight> owned("owned", this->batch, slabs.owned_size());
    Kokkos::deep_copy(owned, T(77));
    halo.accumulate(this->exec, extended, owned);
    this->exec.fence();
    const auto sums = on_host(owned);
    const auto expected = this->accumulated(test, own);
    ASSERT_EQ(sums.size(), expected.size());
    const double ulp = std::numeric_limits<misfit::detail::Real<T>>::epsilon();
    for (std::size_t j = 0; j < sums.size(); ++j)
      EXPECT_LE(std::abs(widen(sums[j]) - expected[j]), 60 * ulp) << j;

    const Kokkos::View<T**, Kokkos::LayoutRight> again("again", this->batch, slabs.owned_size());
    halo.accumulate(this->exec, extended, again);
    this->exec.fence();
    EXPECT_EQ(on_host(again), sums) << "other bits";
  }
}

TYPED_TEST(HaloTest, are_adjoint_to_each_other) {
  using T = TypeParam;
  for (const HaloCase& test : halo_cases()) {
    SCOPED_TRACE(test.text());
    const Slabs slabs(MPI_COMM_WORLD, test.shape, {.dimension = test.dimension});
    const Halo halo(slabs, test.width);
    const auto rank = static_cast<std::size_t>(world_rank());
    const auto x = misfit::test::vector_of<T>(rank, slabs.owned_size());
    const auto y = misfit::test::vector_of<T>(50 + rank, halo.extended_size());
    const misfit::Vector<T> hx("Hx", halo.extended_size()), hty("Hty", slabs.owned_size());
    halo.exchange(this->exec, x, hx);
    halo.accumulate(this->exec, y, hty);
    double products[2] = {misfit::detail::dot(this->exec, hx, y), slabs.dot(this->exec, x, hty)};
    slabs.space().sum(products, 1);
    const double scale = 100.0 * static_cast<double>(test.shape.size() + 30);
    EXPECT_NEAR(products[0], products[1],
                scale * std::numeric_limits<misfit::detail::Real<T>>::epsilon());
  }
}

}  // namespace
