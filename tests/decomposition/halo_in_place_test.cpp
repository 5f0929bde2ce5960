// SPDX-License-Identifier: BSD-3-Clause

// An exchange in place leaves what the one that copies leaves, to the last bit.

#include "decomposition/cut_images.hpp"
#include "decomposition/halo_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/halo.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <limits>
#include <vector>

namespace {

using misfit::Halo;
using misfit::Slabs;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::halo_cases;
using misfit::test::HaloCase;
using misfit::test::on_host;
using misfit::test::world_rank;

template <typename T, typename Layout = Kokkos::LayoutRight>
using Batch = Kokkos::View<T**, Layout>;

/// `values` as a batch.
template <typename Layout, typename T>
Batch<T, Layout> batch_from(const std::vector<T>& values, std::size_t batch) {
  const Batch<T, Layout> view("test batch", batch, values.size() / batch);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < values.size(); ++j)
    host(j / view.extent(1), j % view.extent(1)) = values[j];
  Kokkos::deep_copy(view, host);
  return view;
}

/// Slabs of a batch of images, with a halo.
struct Cut {
  explicit Cut(const HaloCase& test)
      : slabs(MPI_COMM_WORLD, test.shape, {.dimension = test.dimension}), halo(slabs, test.width) {}

  /// Images with ghost rows that are all `ghost`, and the own rows of `owned`.
  template <typename T>
  std::vector<T> with_ghosts(const std::vector<T>& owned, const T& ghost) const {
    std::vector<T> all(batch * halo.extended_size(), ghost);
    if (owned.empty()) return all;
    const std::size_t d = slabs.dimension(), own = slabs.owned().size(), before = halo.before();
    const misfit::test::CutImage image(slabs.shape().with(d, before + own + halo.after()), d);
    const auto at = image.entries(misfit::test::all_of({before, before + own}), batch);
    for (std::size_t j = 0; j < owned.size(); ++j) all[at[j]] = owned[j];
    return all;
  }

  static constexpr std::size_t batch = 2;
  const std::size_t number = static_cast<std::size_t>(world_rank());
  const Exec exec{};
  const Slabs slabs;
  const Halo halo;
};

template <typename T, typename Layout = Kokkos::LayoutRight>
void expect_exchange_as_with_copies(const Cut& cut) {
  const auto owned = batch_of<T>(cut.number, cut.batch, cut.slabs.owned_size());
  const Batch<T> copied("copied", cut.batch, cut.halo.extended_size());
  cut.halo.exchange(cut.exec, owned, copied);
  const auto in_place = batch_from<Layout>(cut.with_ghosts(on_host(owned), T(77)), cut.batch);
  cut.halo.exchange(cut.exec, in_place);
  cut.exec.fence();
  EXPECT_EQ(on_host(in_place), on_host(copied));
}

template <typename T, typename Layout = Kokkos::LayoutRight>
void expect_accumulate_as_with_copies(const Cut& cut) {
  const auto extended = batch_of<T>(100 + cut.number, cut.batch, cut.halo.extended_size());
  const Batch<T> owned("owned", cut.batch, cut.slabs.owned_size());
  cut.halo.accumulate(cut.exec, extended, owned);
  const auto in_place = batch_from<Layout>(on_host(extended), cut.batch);
  cut.halo.accumulate(cut.exec, in_place);
  cut.exec.fence();
  EXPECT_EQ(on_host(in_place), cut.with_ghosts(on_host(owned), T(0)));
}

template <typename T>
void expect_adjoint(const Cut& cut) {
  const std::size_t n = cut.halo.extended_size();
  const auto u = misfit::test::vector_of<T>(cut.number, n);
  const auto v = misfit::test::vector_of<T>(50 + cut.number, n);
  const misfit::Vector<T> eu("Eu", n), etv("Etv", n);
  Kokkos::deep_copy(eu, u);
  Kokkos::deep_copy(etv, v);
  cut.halo.exchange(cut.exec, eu);
  cut.halo.accumulate(cut.exec, etv);
  double products[2] = {misfit::detail::dot(cut.exec, eu, v),
                        misfit::detail::dot(cut.exec, u, etv)};
  cut.slabs.space().sum(products, 2);
  const double scale = 100.0 * static_cast<double>(cut.slabs.shape().size() + 30);
  EXPECT_NEAR(products[0], products[1],
              scale * std::numeric_limits<misfit::detail::Real<T>>::epsilon());
}

TEST(HaloInPlace, is_the_exchange_that_copies) {
  for (const HaloCase& test : halo_cases()) {
    SCOPED_TRACE(test.text());
    const Cut cut(test);
    expect_exchange_as_with_copies<float>(cut);
    expect_accumulate_as_with_copies<float>(cut);
    expect_exchange_as_with_copies<Kokkos::complex<double>>(cut);
    expect_accumulate_as_with_copies<Kokkos::complex<double>>(cut);
  }
}

TEST(HaloInPlace, is_adjoint_to_its_accumulate) {
  for (const HaloCase& test : halo_cases()) {
    SCOPED_TRACE(test.text());
    const Cut cut(test);
    expect_adjoint<float>(cut);
    expect_adjoint<Kokkos::complex<double>>(cut);
  }
}

TEST(HaloInPlace, of_a_batch_that_is_not_contiguous) {
  const Cut cut({{2, 5, 3}, 1, {2, 1, true}});
  expect_exchange_as_with_copies<float, Kokkos::LayoutLeft>(cut);
  expect_accumulate_as_with_copies<float, Kokkos::LayoutLeft>(cut);
}

}  // namespace
