// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scaling/scaling_case.hpp"

#include <array>
#include <vector>

namespace misfit::bench {

/// What is seen of a call: seconds, numbers and shares.
enum Figure { total, compute, wait, communicate, calls, bytes, idle, figures };
/// Of one rank in one round.
using Sample = std::array<double, figures>;

/// What a rank computes in a simulated call, in seconds.
struct Charges {
  double work = 0;  ///< before it communicates
  double sum = 0;   ///< of what it is sent
};

/// Runs the call of `c` once. In a simulation computing takes what `charges` say. Collective.
///
/// Until the first call of MPI a rank computes. From then on it waits for the rank that computes
/// longest, and after that it communicates. (Evaluations of misfit do not compute after they have
/// begun to communicate, but where x is in slabs: there a rank computes whenever it is not in MPI.
/// A sum over members through the memory of a node counts as computing.)
Sample sample_of(const Exec& exec, const ScalingProblem& problem, const ScalingCase& c,
                 const Charges& charges);

/// Those of all rounds, by figure: the most of any rank, and the mean over ranks.
struct Samples {
  std::array<std::vector<double>, figures> most, mean;

  /// Collective.
  void add(const Sample& of_this_rank, int ranks);
};

/// The largest of the ranks' numbers. Collective.
double most_of_ranks(double number);

}  // namespace misfit::bench
