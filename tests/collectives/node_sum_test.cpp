// SPDX-License-Identifier: BSD-3-Clause
#include "../core/collectives/entries.hpp"
#include "collectives/sum_in_order.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/detail/collectives/node_sum.hpp>

#include <Kokkos_Core.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <mpi.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace {

// NOLINTBEGIN: the functions below are plain
std::vector<std::string> opened;  // the memory that was asked for
bool name_is_taken = false;
bool clock_stands = false;
// NOLINTEND

}  // namespace

// The linker takes these instead of the libraries' own.
extern "C" int shm_open(const char* name, int flags, mode_t mode) {
  opened.emplace_back(name);
  if (name_is_taken && (flags & O_EXCL) != 0) {
    errno = EEXIST;
    return -1;
  }
  return open(("/dev/shm" + std::string(name)).c_str(), flags | O_CLOEXEC, mode);
}
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  timespec time{1, 1};
  if (!clock_stands) clock_gettime(CLOCK_MONOTONIC, &time);
  return time_point(seconds(time.tv_sec) + nanoseconds(time.tv_nsec));
}

namespace {

using misfit::Communicator;
using misfit::detail::ErrorContext;
using misfit::detail::NodeSum;
using misfit::detail::part_of;
using misfit::detail::reduction_buffer_of;
using misfit::test::entry;
using misfit::test::world_rank;
using misfit::test::world_size;

/// What rank `rank` gives in turn `turn`.
template <typename T>
std::vector<T> part(int rank, std::size_t n, std::size_t turn) {
  std::vector<T> values(n);
  for (std::size_t j = 0; j < n; ++j)
    values[j] = entry<T>(static_cast<std::size_t>(rank) + 10 * turn, j);
  return values;
}

/// The sum in the order of the RankTree, as one rank would compute it.
template <typename T>
std::vector<T> serial_sum(std::size_t n, std::size_t turn) {
  std::vector<std::vector<T>> parts;
  for (int rank = 0; rank < world_size(); ++rank) parts.push_back(part<T>(rank, n, turn));
  return misfit::test::sum_in_order(parts);
}

template <typename T>
void expect_same_bits(const std::vector<T>& values, const std::vector<T>& expected) {
  EXPECT_TRUE(values.empty() ||
              std::memcmp(values.data(), expected.data(), values.size() * sizeof(T)) == 0)
      << values.size() << " numbers of " << sizeof(T) << " bytes";
}

// From nothing to several chunks, odd everywhere; 16384 doubles are a chunk.
const std::vector<std::size_t> sizes{0, 1, 2, 7, 1001, 16384, 16385, 32768, 99991, 300001};

template <typename T>
class NodeSumTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(NodeSumTest, Reals);

TYPED_TEST(NodeSumTest, has_the_bits_of_a_serial_sum) {
  using T = TypeParam;
  auto node = NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  if (!node) GTEST_SKIP() << "one rank alone, or several nodes";
  for (std::size_t turn = 0; turn < 3; ++turn)
    for (const std::size_t n : sizes) {
      auto values = part<T>(world_rank(), n, turn);

      node->sum(reduction_buffer_of(values.data(), n));

      expect_same_bits(values, serial_sum<T>(n, turn));
    }
}

TEST(NodeSum, short_and_long_vectors_of_both_types_take_turns) {
  auto node = NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  if (!node) GTEST_SKIP() << "one rank alone, or several nodes";
  for (std::size_t turn = 0; turn < 300; ++turn) {
    const std::size_t n = turn % 7 == 0 ? 40000 + turn : 1 + (turn * 37) % 500;
    auto floats = part<float>(world_rank(), n, turn);
    auto doubles = part<double>(world_rank(), n / 3, turn);

    node->sum(reduction_buffer_of(floats.data(), n));
    node->sum(reduction_buffer_of(doubles.data(), n / 3));

    expect_same_bits(floats, serial_sum<float>(n, turn));
    expect_same_bits(doubles, serial_sum<double>(n / 3, turn));
  }
}

TYPED_TEST(NodeSumTest, sums_and_gathers_parts_in_turn_with_whole_sums) {
  using T = TypeParam;
  auto node = NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  if (!node) GTEST_SKIP() << "one rank alone, or several nodes";
  const auto ranks = static_cast<std::size_t>(world_size());
  for (std::size_t turn = 0; turn < 2; ++turn)
    for (const std::size_t n : {0, 1, 7, 1001, 16385, 99991}) {
      const auto given = part<T>(world_rank(), n, turn), expected = serial_sum<T>(n, turn);
      auto expected_parts = given, parts = given, whole = given;
      const auto at = [&](std::size_t k) { return static_cast<std::ptrdiff_t>(n * k / ranks); };
      const auto own = static_cast<std::size_t>(part_of(world_rank(), world_size()));
      std::copy(expected.begin() + at(own), expected.begin() + at(own + 1),
                expected_parts.begin() + at(own));

      node->sum_parts(reduction_buffer_of(parts.data(), n));
      expect_same_bits(parts, expected_parts);

      node->gather_parts(reduction_buffer_of(parts.data(), n));
      expect_same_bits(parts, expected);

      node->sum(reduction_buffer_of(whole.data(), n));
      expect_same_bits(whole, expected);
    }
}

TEST(NodeSum, keeps_what_is_not_finite) {
  auto node = NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  if (!node) GTEST_SKIP() << "one rank alone, or several nodes";
  std::vector<double> values(1000, 1.0);
  if (world_rank() == world_size() - 1) {
    values[1] = std::numeric_limits<double>::quiet_NaN();
    values[998] = std::numeric_limits<double>::infinity();
  }

  node->sum(reduction_buffer_of(values.data(), values.size()));

  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[998], std::numeric_limits<double>::infinity());
  EXPECT_EQ(values[999], world_size());
}

TEST(NodeSum, is_none_for_one_rank_and_where_any_rank_forbids_it) {
  EXPECT_FALSE(NodeSum::create(MPI_COMM_SELF, MPI_COMM_SELF));
  for (const auto& ranks : misfit::test::fault_sets()) {
    if (misfit::test::contains(ranks, world_rank())) setenv("MISFIT_NODE_SUM", "0", 1);
    EXPECT_FALSE(NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD));
    unsetenv("MISFIT_NODE_SUM");
  }
}

// As two threads of one process may make theirs.
TEST(NodeSum, memory_made_in_one_tick_of_the_clock_has_two_names) {
  opened.clear();
  clock_stands = true;
  NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD);
  clock_stands = false;
  if (opened.empty()) GTEST_SKIP() << "one rank alone, or several nodes";
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_NE(opened[0], opened[1]);
}

TEST(NodeSum, leaves_alone_what_is_anothers) {
  opened.clear();
  name_is_taken = true;
  EXPECT_FALSE(NodeSum::create(MPI_COMM_WORLD, MPI_COMM_WORLD));
  name_is_taken = false;
  EXPECT_EQ(opened.size(), world_rank() == 0 && world_size() > 1 ? 1U : 0U);
}

template <typename T>
class ReductionBufferTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(ReductionBufferTest, Scalars);

TYPED_TEST(ReductionBufferTest, is_the_same_with_and_without_the_memory_of_the_node) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Communicator with(MPI_COMM_WORLD), without(MPI_COMM_WORLD);
  const auto sum = [&](const Communicator& comm, std::size_t n, std::size_t turn) {
    Kokkos::View<T*> view("view", n);
    std::vector<double> values{1.0, static_cast<double>(comm.rank())};
    misfit::detail::Internals::of(comm).sum_together(
        exec, {"some_call", {}},
        [&](ErrorContext&) {
          const auto host = Kokkos::create_mirror_view(view);
          const auto mine = part<T>(comm.rank(), n, turn);
          std::copy(mine.begin(), mine.end(), host.data());
          Kokkos::deep_copy(exec, view, host);
        },
        values, view);
    EXPECT_EQ(values,
              (std::vector<double>{1.0 * comm.size(), 0.5 * comm.size() * (comm.size() - 1)}));
    return misfit::test::on_host(view);
  };
  for (std::size_t turn = 0; turn < 2; ++turn)
    for (const std::size_t n : sizes) {
      const auto exact = serial_sum<T>(n, turn);
      const auto through_node = sum(with, n, turn);
      setenv("MISFIT_NODE_SUM", "0", 1);
      const auto through_mpi = sum(without, n, turn);
      unsetenv("MISFIT_NODE_SUM");

      expect_same_bits(through_node, exact);
      expect_same_bits(through_mpi, exact);
    }
}

}  // namespace
