// SPDX-License-Identifier: BSD-3-Clause

// Small blocks of memory that one rank alone does not get, wherever a call asks for them.

#include "collectives/scarce_memory.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/halo.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <vector>

namespace {

using misfit::test::Exec;
using misfit::test::NothingNew;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

/// All ranks go on, or all throw: none waits for that one.
TEST(MissingBlocks, of_any_size) {
#if KOKKOS_VERSION >= 40000
  GTEST_SKIP() << "Kokkos itself takes small blocks from version 4 on, also where a View is freed";
#endif
  const Exec exec;
  const misfit::Slabs slabs(MPI_COMM_WORLD, {11, 4});
  const auto in_slabs = [&] {
    return misfit::DistributedOperator(slabs, 2, [](int) { return misfit::Identity{44}; });
  };
  const auto whole = [] {
    return misfit::DistributedOperator(MPI_COMM_WORLD, 3, [](int) { return misfit::Identity{44}; });
  };
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<double>(1, 44), own = vector_of<double>(1, slabs.owned_size());
  const Kokkos::View<double*> out("out", 44), own_out("own_out", slabs.owned_size());
  const auto y = [&](int) { return x; };
  const auto data = whole().measurements(y), data_in_slabs = in_slabs().measurements(y);

  const std::vector<std::function<void()>> calls{
      [&] { whole(); },
      [&] { in_slabs(); },
      [&] { whole().measurements(y); },
      [&] { in_slabs().measurements(y); },
      [&] { misfit::Slabs(MPI_COMM_WORLD, {11, 4}); },
      [&] { misfit::Halo(slabs, {2, 1}); },
      [&] { slabs.scatter(exec, x, own_out); },
      [&] { slabs.gather(exec, own, out); },
      [&] { fidelity.fn_and_grad(exec, x, data, whole(), out); },
      [&] { fidelity.fn_and_grad(exec, own, data_in_slabs, in_slabs(), own_out); },
      [&] { whole().least_squares(exec, data, out, {.max_iterations = 2}); },
      [&] { in_slabs().least_squares(exec, data_in_slabs, own_out, {.max_iterations = 2}); },
      [&] { fidelity.prox(exec, 0.3, x, data, whole(), out, {.max_iterations = 2}); },
      [&] { whole().norm_squared<double>(exec, {1e-3, 2}); },
      [&] { in_slabs().norm_squared_bound<double>(exec); },
      [&] { misfit::check_adjoint(exec, whole()); }};
  int refused = 0;
  for (std::size_t k = 0; k < calls.size(); ++k)
    for (std::size_t size = 8; size <= 1 << 15; size *= 2)
      for (const int poor : {0, world_size() - 1}) {
        int thrown = 0;
        {
          const NothingNew limit(world_rank() == poor, size, 2 * size);
          try {
            calls[k]();
          } catch (const std::exception&) {
            thrown = 1;
          }
        }
        int all = 0;
        MPI_Allreduce(&thrown, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
        EXPECT_TRUE(all == 0 || all == world_size()) << "call " << k << ", " << size << " bytes";
        refused += all == world_size() ? 1 : 0;
      }
  EXPECT_GT(refused, 20);
}

}  // namespace
