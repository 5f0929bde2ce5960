// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/timing.hpp"

#include <misfit/placement.hpp>

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

/// The machine that the ranks run on: the links between the first rank and the last one of its
/// node, and the last of another node, by messages that they exchange. Links that there are not
/// cost nothing. Collective; the same on all ranks.
MachineModel measure_machine();

/// The nodes that the ranks are on.
struct Nodes {
  int count = 1;
  int most_ranks = 1;  ///< of a node
};

/// Collective.
Nodes count_nodes();

/// The bytes a second that a rank adds to others which it was sent, piece after piece, while all
/// ranks do. Collective; the slowest rank's.
double measure_sum_rate();

/// Ranks that sum: `width` of each of `nodes` nodes.
struct Summands {
  int width = 1, nodes = 1;
};
Summands summands_of(int ranks, int ranks_per_node);

/// The least time in which any all-reduce of `bytes` can end that sums in the nodes first and
/// between them then, be it of messages: at each level, of k summands, ⌈log2 k⌉ latencies and
/// 2 (k − 1)/k bytes out of each. (Chan, Heimlich, Purkayastha and van de Geijn, "Collective
/// communication: theory, practice, and experience", 2007, section 3.) `at_once` such sums share
/// the links between nodes.
double least_all_reduce_time(const MachineModel& machine, const Summands& summands, double bytes,
                             int at_once = 1);

/// a = b + 0.5 c with arrays that the ranks of a node share among them and that its caches do not
/// hold.
class Triad {
 public:
  /// On so many ranks, as many of which are on each node.
  Triad(int ranks, int ranks_per_node);
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
