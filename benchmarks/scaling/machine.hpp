// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/timing.hpp"

#include <Kokkos_Core.hpp>
#include <mpi.h>

namespace misfit::bench {

/// Whether time is a simulator's, in which computing takes none unless it is charged.
#ifdef SMPI_H
inline constexpr bool simulated = true;
#else
inline constexpr bool simulated = false;
#endif

/// Lets this rank compute for so many seconds of simulated time.
void charge(double seconds);

/// What a message of n bytes takes, while another goes the opposite way: latency + n / bandwidth.
struct Link {
  double latency = 0;    ///< [s]
  double bandwidth = 0;  ///< in each direction [bytes/s]
};

/// The link between the first and the last rank, by messages that they exchange. Collective; needs
/// two ranks; the same on all.
Link measure_link();

/// The nodes that the ranks are on.
struct Nodes {
  int count = 1;
  int most_ranks = 1;  ///< of a node
};

/// Collective.
Nodes count_nodes();

/// The least time in which any all-reduce of `bytes` on `ranks` ranks can end, be it of messages:
/// ⌈log2 p⌉ latencies, and 2 (p − 1)/p bytes out of every rank. (Chan, Heimlich, Purkayastha and
/// van de Geijn, "Collective communication: theory, practice, and experience", 2007, section 3.)
double least_all_reduce_time(const Link& link, double bytes, int ranks);

/// a = b + 0.5 c with arrays that the ranks share among them and that no cache holds.
class Triad {
 public:
  explicit Triad(int ranks);
  void run() const;
  /// What all ranks read and write in a run.
  double bytes() const { return 3.0 * sizeof(double) * static_cast<double>(entries_) * ranks_; }

 private:
  int ranks_;
  std::size_t entries_;
  Exec exec_;
  Kokkos::View<double*> a_, b_, c_;
};

}  // namespace misfit::bench
