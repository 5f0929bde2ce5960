// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/machine.hpp"

#include "support/options.hpp"
#include "support/statistics.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace misfit::bench {

void charge([[maybe_unused]] double seconds) {
#ifdef SMPI_H
  smpi_execute(seconds);
#endif
}

namespace {

/// What `bytes` take between ranks `a` and `b` while as many come back; the same on all ranks. They
/// come from memory, not from a cache, in messages of 256 KiB, at most two of which are under way,
/// as long vectors are summed; in a simulation, where each of these would have the link for itself,
/// in one.
double seconds_of_exchange(int a, int b, int bytes, int rounds) {
  const int most = simulated ? bytes : 256 << 10;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const bool takes_part = rank == a || rank == b;
  const auto length = static_cast<std::size_t>(bytes);
  const std::size_t room = takes_part ? length * static_cast<std::size_t>(rounds + 1) : 0;
  std::vector<char> out(room), in(room);
  std::vector<double> times;
  MPI_Barrier(MPI_COMM_WORLD);
  for (int k = 0; k < rounds + 1 && takes_part; ++k) {
    const int other = rank == a ? b : a;
    const std::size_t begin = static_cast<std::size_t>(k) * length;
    std::array<std::array<MPI_Request, 2>, 2> requests;
    for (auto& pair : requests) pair.fill(MPI_REQUEST_NULL);
    const double start = MPI_Wtime();
    for (int first = 0, turn = 0; first < bytes; first += most, ++turn) {
      auto& pair = requests[turn % 2];
      MPI_Waitall(2, pair.data(), MPI_STATUSES_IGNORE);
      const int count = std::min(most, bytes - first);
      const std::size_t at = begin + static_cast<std::size_t>(first);
      MPI_Irecv(in.data() + at, count, MPI_CHAR, other, 0, MPI_COMM_WORLD, &pair[0]);
      MPI_Isend(out.data() + at, count, MPI_CHAR, other, 0, MPI_COMM_WORLD, &pair[1]);
    }
    for (auto& pair : requests) MPI_Waitall(2, pair.data(), MPI_STATUSES_IGNORE);
    if (k > 0) times.push_back(MPI_Wtime() - start);
  }
  double seconds = rank == a ? median_of(times).value : 0;
  MPI_Bcast(&seconds, 1, MPI_DOUBLE, a, MPI_COMM_WORLD);
  return seconds;
}

Link link_between(int a, int b) {
  if (a == b) return {};
  constexpr int large = 4 << 20;
  const double small_time = seconds_of_exchange(a, b, 8, simulated ? 1 : 201),
               large_time = seconds_of_exchange(a, b, large, simulated ? 1 : 9);
  // On a machine that is busy with something else the small one may have taken longer.
  return {small_time, large / std::max(large_time - small_time, 1e-3 * large_time)};
}

/// The lowest rank of each rank's node. Nothing is sent in the communicator of a node: SimGrid 3.32
/// takes messages in it for those in others.
std::vector<int> nodes_of_ranks() {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Group here = MPI_GROUP_NULL, all = MPI_GROUP_NULL;
  MPI_Comm_group(node, &here);
  MPI_Comm_group(MPI_COMM_WORLD, &all);
  const int first = 0;
  int lowest = 0, ranks = 1;
  MPI_Group_translate_ranks(here, 1, &first, all, &lowest);
  MPI_Group_free(&here);
  MPI_Group_free(&all);
  MPI_Comm_free(&node);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  std::vector<int> nodes(static_cast<std::size_t>(ranks));
  MPI_Allgather(&lowest, 1, MPI_INT, nodes.data(), 1, MPI_INT, MPI_COMM_WORLD);
  return nodes;
}

}  // namespace

MachineModel measure_machine() {
  const std::vector<int> nodes = nodes_of_ranks();
  MachineModel machine;
  int near = 0, far = 0;
  std::map<int, int> ranks_of_node;
  for (std::size_t rank = 0; rank < nodes.size(); ++rank) {
    (nodes[rank] == nodes[0] ? near : far) = static_cast<int>(rank);
    machine.ranks_per_node = std::max(machine.ranks_per_node, ++ranks_of_node[nodes[rank]]);
  }
  machine.in_node = link_between(0, near);
  machine.between_nodes = link_between(0, far);
  return machine;
}

Nodes count_nodes() {
  std::map<int, int> ranks_of_node;
  Nodes nodes;
  for (const int node : nodes_of_ranks())
    nodes.most_ranks = std::max(nodes.most_ranks, ++ranks_of_node[node]);
  nodes.count = static_cast<int>(ranks_of_node.size());
  return nodes;
}

double measure_sum_rate() {
  constexpr std::size_t entries = std::size_t{4} << 20, piece = std::size_t{32} << 10;
  std::vector<float> sum(entries, 1), arrived(piece, 1);
  std::vector<double> times;
  MPI_Barrier(MPI_COMM_WORLD);
  for (int round = 0; round < 9; ++round) {
    const double start = MPI_Wtime();
    for (std::size_t first = 0; first < entries; first += piece)
      std::transform(arrived.begin(), arrived.end(),
                     sum.begin() + static_cast<std::ptrdiff_t>(first),
                     sum.begin() + static_cast<std::ptrdiff_t>(first), std::plus<>());
    times.push_back(MPI_Wtime() - start);
  }
  double seconds = median_of(times).value;
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return entries * sizeof(float) / seconds;
}

Summands summands_of(int ranks, int ranks_per_node) {
  const int width = std::min(ranks, ranks_per_node);
  return {width, (ranks + width - 1) / width};
}

double least_all_reduce_time(const MachineModel& machine, const Summands& summands, double bytes,
                             int at_once) {
  const auto level = [](const Link& link, int count, double moved) {
    return std::ceil(std::log2(count)) * link.latency +
           2.0 * (count - 1) / count * moved / link.bandwidth;
  };
  return level(machine.in_node, summands.width, bytes) +
         level(machine.between_nodes, summands.nodes, bytes * at_once);
}

namespace {

// Of each of three arrays on a node: together four times its caches, but no more than an eighth of
// its memory.
std::size_t triad_entries() {
  const auto memory = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return std::min(4 * last_level_caches(), memory / 8) / (3 * sizeof(double));
}

}  // namespace

Triad::Triad(int ranks, int ranks_per_node)
    : ranks_(ranks),
      entries_(triad_entries() / static_cast<std::size_t>(ranks_per_node)),
      a_("a", entries_),
      b_("b", entries_),
      c_("c", entries_) {}

void Triad::run() const {
  const auto a = a_, b = b_, c = c_;
  Kokkos::parallel_for(
      "triad", Kokkos::RangePolicy<Exec>(exec_, 0, entries_),
      KOKKOS_LAMBDA(const std::size_t j) { a(j) = b(j) + 0.5 * c(j); });
}

}  // namespace misfit::bench
