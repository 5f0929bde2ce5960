// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/machine.hpp"

#include "support/options.hpp"
#include "support/statistics.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace misfit::bench {

void charge([[maybe_unused]] double seconds) {
#ifdef SMPI_H
  smpi_execute(seconds);
#endif
}

namespace {

/// What `bytes` take from the first to the last rank while as many come back.
double seconds_of_exchange(int rank, int last, std::vector<char>& out, std::vector<char>& in,
                           int bytes, int rounds) {
  std::vector<double> times;
  const int other = rank == 0 ? last : 0;
  for (int k = 0; k < rounds + 1 && (rank == 0 || rank == last); ++k) {
    const double start = MPI_Wtime();
    MPI_Sendrecv(out.data(), bytes, MPI_CHAR, other, 0, in.data(), bytes, MPI_CHAR, other, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (k > 0) times.push_back(MPI_Wtime() - start);
  }
  return median_of(times).value;
}

}  // namespace

Link measure_link() {
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  constexpr int large = 4 << 20;
  const std::size_t room = rank == 0 || rank == ranks - 1 ? large : 0;
  std::vector<char> out(room), in(room);
  const auto seconds = [&](int bytes, int rounds) {
    MPI_Barrier(MPI_COMM_WORLD);
    return seconds_of_exchange(rank, ranks - 1, out, in, bytes, simulated ? 1 : rounds);
  };
  const double small_time = seconds(8, 201), large_time = seconds(large, 21);
  double link[] = {small_time, large / (large_time - small_time)};
  MPI_Bcast(link, 2, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  return {link[0], link[1]};
}

Nodes count_nodes() {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  int rank = 0, most = 1;
  MPI_Comm_rank(node, &rank);
  MPI_Comm_size(node, &most);
  MPI_Comm_free(&node);
  int count = rank == 0 ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &count, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return {count, most};
}

double least_all_reduce_time(const Link& link, double bytes, int ranks) {
  return std::ceil(std::log2(ranks)) * link.latency +
         2.0 * (ranks - 1) / ranks * bytes / link.bandwidth;
}

Triad::Triad(int ranks)
    : ranks_(ranks),
      entries_(4 * last_level_cache() / sizeof(double) / static_cast<std::size_t>(ranks)),
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
