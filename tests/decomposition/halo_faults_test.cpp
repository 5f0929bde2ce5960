// SPDX-License-Identifier: BSD-3-Clause

// What one rank gets wrong is told to all of them before rows are sent, and the halo works again.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/halo.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>

namespace {

using misfit::ArgumentError;
using misfit::Halo;
using misfit::HaloWidth;
using misfit::Slabs;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

class HaloFaults : public testing::Test {
 protected:
  const Exec exec{};
  const int last = world_size() - 1;
  const bool here = world_rank() == last;
  const std::string rank = "rank " + std::to_string(last);
  const Slabs slabs{MPI_COMM_WORLD, {11, 3}};
  const Halo halo{slabs, {2, 1}};
  const Kokkos::View<double*> owned = vector_of<double>(1, slabs.owned_size());
  const Kokkos::View<double*> extended{"extended", halo.extended_size()};

  void expect_still_right() {
    halo.exchange(exec, owned, extended);
    exec.fence();
    const auto all = on_host(extended), own = on_host(owned);
    for (std::size_t j = 0; j < own.size(); ++j) EXPECT_EQ(all[3 * halo.before() + j], own[j]);
  }
};

TEST_F(HaloFaults, width_of_one_rank_differs) {
  if (world_size() == 1) return;
  for (const auto& [width, word] : {std::pair{HaloWidth{1, 1}, "the rows before"},
                                    {HaloWidth{2, 2}, "the rows after"},
                                    {HaloWidth{2, 1, true}, "whether it is circular"}})
    expect_same_error<ArgumentError>(
        [&, &width = width] { Halo(slabs, here ? width : HaloWidth{2, 1}); }, {word});
  expect_still_right();
}

TEST_F(HaloFaults, sizes) {
  const auto long_owned = vector_of<double>(1, owned.extent(0) + (here ? 1 : 0));
  const auto long_extended = vector_of<double>(1, extended.extent(0) + (here ? 1 : 0));
  expect_same_error<ArgumentError>([&] { halo.exchange(exec, long_owned, extended); },
                                   {rank, "owned: has"});
  expect_same_error<ArgumentError>([&] { halo.exchange(exec, owned, long_extended); },
                                   {rank, "extended: has"});
  expect_same_error<ArgumentError>([&] { halo.accumulate(exec, long_extended, owned); },
                                   {rank, "extended: has"});
  expect_same_error<ArgumentError>([&] { halo.exchange(exec, long_extended); },
                                   {"exchange: " + rank, "extended: has"});
  expect_same_error<ArgumentError>([&] { halo.accumulate(exec, long_extended); },
                                   {"accumulate: " + rank, "extended: has"});
  expect_still_right();
}

TEST_F(HaloFaults, batches_and_memory) {
  if (world_size() > 1) {
    const std::size_t batch = here ? 3 : 2;
    const auto signals = batch_of<double>(1, batch, slabs.owned_size());
    const auto out = batch_of<double>(2, batch, halo.extended_size());
    expect_same_error<ArgumentError>([&] { halo.exchange(exec, signals, out); },
                                     {"the number of signals"});
  }
  const Kokkos::View<double*> part(extended.data(), owned.extent(0));
  if (owned.extent(0) > 0 && world_size() < 12)
    expect_same_error<ArgumentError>([&] { halo.exchange(exec, part, extended); },
                                     {"extended: shares memory with owned"});
  expect_still_right();
}

}  // namespace
