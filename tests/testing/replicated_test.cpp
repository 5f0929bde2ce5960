// SPDX-License-Identifier: BSD-3-Clause

// check_replicated() finds which ranks have another x than rank 0, whatever the View, by its bits.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>
#include <misfit/testing/check_replicated.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

using misfit::check_replicated;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

template <typename V>
void set(const V& view, std::size_t j, typename V::value_type value) {
  Kokkos::deep_copy(Kokkos::subview(view, j), value);
}

class Replicated : public testing::Test {
 protected:
  const Exec exec{};
  const misfit::Communicator world{MPI_COMM_WORLD};
  const int last = world_size() - 1;
};

TEST_F(Replicated, every_rank_and_entry_that_differs) {
  constexpr std::size_t n = 300000;  // three pieces of 1 MiB
  auto x = vector_of<double>(1, n);
  const auto same = check_replicated(exec, world, x);
  EXPECT_TRUE(same.passed());
  EXPECT_EQ(same.text(), "x is the same on all ranks");
  EXPECT_EQ(same.signal, -1);
  EXPECT_EQ(same.entry, -1);
  if (last == 0) return;

  for (const std::size_t j : {std::size_t{0}, std::size_t{131071}, std::size_t{131072}, n - 1}) {
    x = vector_of<double>(1, n);
    if (world_rank() == last) {
      set(x, j, 7.0);
      set(x, n - 1, 8.0);
    }
    const auto result = check_replicated(exec, world, x);
    EXPECT_FALSE(result.passed());
    EXPECT_EQ(result.ranks, std::vector<int>{last});
    EXPECT_EQ(result.entry, static_cast<std::int64_t>(j));
    EXPECT_EQ(result.signal, 0);
  }
  // The others all differ from it.
  x = vector_of<double>(world_rank() == 0 ? 1 : 2, n);
  const auto result = check_replicated(exec, world, x);
  EXPECT_EQ(result.ranks.size(), static_cast<std::size_t>(last));
  EXPECT_EQ(result.ranks.front(), 1);
  std::ostringstream out;
  out << result;
  EXPECT_NE(out.str().find(last == 1 ? "x of rank 1 is not that of rank 0" : "x of ranks 1, 2"),
            std::string::npos)
      << out.str();
  EXPECT_NE(out.str().find("on rank 1 it differs from entry 0 of signal 0 on"), std::string::npos);
}

TEST_F(Replicated, bits) {
  const auto x = vector_of<float>(1, 9);
  set(x, 4, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(check_replicated(exec, world, x).passed());
  set(x, 4, world_rank() == last ? -0.0F : 0.0F);
  EXPECT_EQ(check_replicated(exec, world, x).passed(), last == 0);
}

template <typename View>
void find_in_batch(const Exec& exec, const misfit::Communicator& world, const View& x) {
  using T = typename View::non_const_value_type;
  misfit::detail::copy_signals(exec, batch_of<T>(3, 4, 5), x);
  EXPECT_TRUE(check_replicated(exec, world, typename View::const_type(x)).passed());
  if (world.size() == 1) return;
  const bool here = world.rank() == world.size() - 1;
  const auto changed = batch_of<T>(3, 4, 5);
  Kokkos::deep_copy(Kokkos::subview(changed, 2, 3), T(9));
  if (here) misfit::detail::copy_signals(exec, changed, x);
  const auto result = check_replicated(exec, world, x);
  EXPECT_EQ(result.ranks, std::vector<int>{world.size() - 1});
  EXPECT_EQ(result.signal, 2);
  EXPECT_EQ(result.entry, 3);
}

TEST_F(Replicated, batches_in_any_layout) {
  using Complex = Kokkos::complex<float>;
  find_in_batch(exec, world, Kokkos::View<double**, Kokkos::LayoutRight>("x", 4, 5));
  find_in_batch(exec, world, Kokkos::View<Complex**, Kokkos::LayoutLeft>("x", 4, 5));
  const Kokkos::View<double***> all("all", 4, 5, 2);
  find_in_batch(exec, world, Kokkos::subview(all, Kokkos::ALL, Kokkos::ALL, 1));
  const Kokkos::View<double*> none;
  EXPECT_TRUE(check_replicated(exec, world, none).passed());
}

TEST_F(Replicated, sizes_differ) {
  if (last == 0) return;
  const auto x = vector_of<double>(1, world_rank() == last ? 6 : 5);
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { check_replicated(exec, world, x); },
      {"check_replicated: rank " + std::to_string(last), "the size of x is 6"});
  EXPECT_TRUE(check_replicated(exec, world, vector_of<double>(1, 5)).passed());
}

}  // namespace
