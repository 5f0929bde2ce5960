// SPDX-License-Identifier: BSD-3-Clause

// Sums over several nodes, which are this machine's ranks in groups: MPI is made to say so.

#include "../core/collectives/rank_sum.hpp"
#include "collectives/recorded_calls.hpp"
#include "collectives/sum_in_order.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

std::vector<int> node_of;  // NOLINT: of each rank

}  // namespace

// The linker takes this instead of MPI's own.
extern "C" int MPI_Comm_split_type(MPI_Comm comm, int, int key, MPI_Info, MPI_Comm* node) {
  int rank = 0;
  PMPI_Comm_rank(comm, &rank);
  return PMPI_Comm_split(comm, node_of[static_cast<std::size_t>(rank)], key, node);
}

namespace {

using misfit::Communicator;
using misfit::detail::RankNodes;
using misfit::detail::RankSum;
using misfit::test::entry;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

struct Placement {
  std::string name;
  std::vector<int> node_of;
};

std::vector<Placement> placements() {
  const int ranks = world_size();
  const auto place = [&](const std::string& name, auto&& node) {
    Placement placement{name, {}};
    for (int rank = 0; rank < ranks; ++rank) placement.node_of.push_back(node(rank));
    return placement;
  };
  return {place("one node", [](int) { return 7; }),
          place("a rank a node", [](int rank) { return rank; }),
          place("nodes of two", [](int rank) { return rank / 2; }),
          place("nodes of six, numbered backwards", [](int rank) { return 100 - rank / 6; }),
          place("dealt round two nodes", [](int rank) { return rank % 2; }),
          place("dealt round three nodes", [](int rank) { return rank % 3; }),
          place("the first alone", [](int rank) { return rank == 0 ? 0 : 1; }),
          place("the last alone", [&](int rank) { return rank == ranks - 1 ? 1 : 0; }),
          place("of one, two, three …", [](int rank) {
            int node = 0;
            while (rank > node) rank -= ++node;
            return node;
          })};
}

template <typename T>
std::vector<T> part(int rank, std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t j = 0; j < n; ++j) values[j] = entry<T>(static_cast<std::size_t>(rank), j);
  return values;
}

template <typename T>
std::vector<T> expected_sum(std::size_t n) {
  std::vector<std::vector<T>> parts;
  for (int rank = 0; rank < world_size(); ++rank) parts.push_back(part<T>(rank, n));
  return misfit::test::sum_over_nodes(parts, node_of);
}

/// Not by ==, for which −0 is 0.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// The nodes as misfit finds them, and a sum over them by messages alone.
struct Messages {
  RankNodes nodes{world_size()};
  std::optional<RankSum> sum;

  Messages() {
    nodes.find(MPI_COMM_WORLD);
    sum.emplace(MPI_COMM_WORLD, world_rank(), nodes, nullptr);
  }
  /// With `room` bytes for what arrives.
  template <typename T>
  void operator()(std::vector<T>& values, std::size_t room) {
    std::vector<std::byte> scratch(room);
    auto buffer = misfit::detail::reduction_buffer_of(values.data(), values.size());
    buffer.scratch = scratch;
    sum->sum(buffer, true);
  }
};

TEST(Nodes, every_rank_of_a_node_has_one_part) {
  using misfit::detail::part_of;
  for (int ranks = 1; ranks < 50; ++ranks) {
    std::set<int> parts;
    for (int place = 0; place < ranks; ++place) {
      parts.insert(part_of(place, ranks));
      EXPECT_EQ(misfit::detail::place_with(part_of(place, ranks), ranks), place);
    }
    EXPECT_EQ(*parts.begin(), 0);
    EXPECT_EQ(*parts.rbegin(), ranks - 1);
  }
}

TEST(Nodes, are_numbered_by_their_lowest_ranks) {
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    const Messages messages;
    const RankNodes& nodes = messages.nodes;

    std::set<int> sizes;
    int lowest = -1, all = 0;
    for (int node = 0; node < nodes.count(); ++node) {
      EXPECT_GT(nodes.rank(node, 0), lowest);
      lowest = nodes.rank(node, 0);
      sizes.insert(nodes.size(node));
      for (int place = 0; place < nodes.size(node); ++place, ++all) {
        const int rank = nodes.rank(node, place);
        EXPECT_TRUE(place == 0 || rank > nodes.rank(node, place - 1));
        EXPECT_EQ(node_of[static_cast<std::size_t>(rank)],
                  node_of[static_cast<std::size_t>(lowest)]);
        EXPECT_EQ(nodes.node_of(rank), node);
        EXPECT_EQ(nodes.place_of(rank), place);
      }
    }
    EXPECT_EQ(all, world_size());
    EXPECT_EQ(nodes.count(),
              static_cast<int>(std::set<int>(node_of.begin(), node_of.end()).size()));
    EXPECT_EQ(std::vector<int>(nodes.sizes().begin(), nodes.sizes().end()),
              std::vector<int>(sizes.begin(), sizes.end()));
  }
}

template <typename T>
class NodesTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(NodesTest, Reals);

// In hundreds of pieces, in some, and in one.
TYPED_TEST(NodesTest, messages_sum_in_the_order_of_the_nodes) {
  using T = TypeParam;
  const auto least = 16 * static_cast<std::size_t>(world_size());
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    Messages messages;
    for (const std::size_t n : {0, 1, 2, 3, 5, 17, 301})
      for (const std::size_t room : {least, 5 * least, 100000 * sizeof(T)}) {
        auto values = part<T>(world_rank(), n);

        messages(values, room);

        EXPECT_TRUE(same_bits(values, expected_sum<T>(n))) << n << " numbers, " << room << " bytes";
      }
  }
}

TYPED_TEST(NodesTest, shared_memory_and_messages_have_the_same_bits) {
  using T = TypeParam;
  const Exec exec;
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    const Communicator with(MPI_COMM_WORLD), without(MPI_COMM_WORLD);
    for (const std::size_t n : {769, 3001, 40001, 1024}) {
      const auto expected = expected_sum<T>(n);
      const auto shared = vector_of<T>(static_cast<std::size_t>(world_rank()), n);
      const auto sent = vector_of<T>(static_cast<std::size_t>(world_rank()), n);

      with.all_reduce_sum(exec, shared);
      setenv("MISFIT_NODE_SUM", "0", 1);
      without.all_reduce_sum(exec, sent);
      unsetenv("MISFIT_NODE_SUM");

      EXPECT_TRUE(same_bits(on_host(shared), expected)) << n << " numbers in shared memory";
      EXPECT_TRUE(same_bits(on_host(sent), expected)) << n << " numbers in messages";
    }
  }
}

TEST(Nodes, long_lists_of_values_have_the_order_of_the_nodes) {
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    const Communicator comm(MPI_COMM_WORLD);
    for (const std::size_t n : {513, 5001}) {
      auto values = part<double>(world_rank(), n);
      misfit::detail::Internals::of(comm).sum_together(
          {"some_call", {}}, [](misfit::detail::ErrorContext&) {}, values);
      EXPECT_TRUE(same_bits(values, expected_sum<double>(n))) << n << " values";
    }
  }
}

TEST(Nodes, whole_numbers_are_summed_exactly) {
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    const Communicator comm(MPI_COMM_WORLD);
    std::vector<double> values(4001);
    for (std::size_t j = 0; j < values.size(); ++j)
      values[j] = static_cast<double>(j) * (world_rank() + 1);

    comm.sum(values.data(), values.size());

    const double ranks = world_size();
    for (std::size_t j = 0; j < values.size(); ++j)
      ASSERT_EQ(values[j], static_cast<double>(j) * ranks * (ranks + 1) / 2);
  }
}

// N nodes send 2 (N − 1)/N n bytes each, and ranks of one node about as much as each other.
TEST(Nodes, no_more_bytes_than_must_go_between_them) {
  constexpr std::size_t n = 27720;
  for (const auto& placement : placements()) {
    SCOPED_TRACE(placement.name);
    node_of = placement.node_of;
    Messages messages;
    auto values = part<double>(world_rank(), n);
    misfit::test::bytes_sent_to.clear();

    messages(values, 1 << 19);

    const int node = messages.nodes.node_of(world_rank());
    double between = 0, inside = 0;
    for (const auto& [rank, bytes] : misfit::test::bytes_sent_to)
      (messages.nodes.node_of(rank) == node ? inside : between) += bytes;
    const double ranks = messages.nodes.size(node), nodes = messages.nodes.count();
    const double bytes = n * sizeof(double), rounding = 16.0 * world_size();
    EXPECT_LE(between, 2 * (nodes - 1) / nodes * bytes / ranks + rounding);
    EXPECT_LE(inside, 2 * (ranks - 1) / ranks * bytes + rounding);
  }
}

}  // namespace
