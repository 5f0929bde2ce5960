// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace misfit::test {

/// The larger of two errors; NaN if one is NaN.
template <typename E>
E worse(E a, E b) {
  return std::isnan(a) || a > b ? a : b;
}

/// What a program of the scorecard is told, and what it found.
///
/// Options: --quick (fewer cases, seconds), --seed N (of what is random), --canary (the fault that
/// the check must find is planted). On rank 0 it prints progress and the first failures to stderr;
/// finish() prints the result to stdout, a line that scripts/scorecard reads:
///
///     result {"tried": 3120, "held": 3120, "figure": 1.1e-16}
class Check {
 public:
  /// Reads the options. Prints what is wrong with them and ends the program with status 2. MPI
  /// runs.
  Check(int argc, char** argv);

  bool quick() const { return quick_; }
  bool canary() const { return canary_; }
  std::uint64_t seed() const { return seed_; }
  /// `full`, or with --quick `quick`.
  int at_most(int full, int quick) const { return quick_ ? quick : full; }

  /// Counts a case. Collective: it held where it held on all ranks of MPI_COMM_WORLD, and those
  /// where it did not say `what` on stderr, at most ten times.
  void tried(bool held, const std::string& what);
  /// The same for `count` cases of this rank, of which all that did not hold were told before. Not
  /// collective; ranks' cases are added by finish().
  void tried_here(std::int64_t count, std::int64_t held);
  /// Says on stderr of this rank what did not hold, at most ten times.
  void tell(const std::string& what);
  /// The worst figure of all, over ranks.
  void figure(double value);

  /// Prints the result. Collective. 0 where all held, else 1: for main.
  int finish();

 private:
  bool quick_ = false, canary_ = false;
  std::uint64_t seed_ = 1;
  int rank_ = 0;
  std::int64_t tried_ = 0, held_ = 0, tried_here_ = 0, held_here_ = 0;
  int told_ = 0;
  double figure_ = -1;  // negative where none was given
};

}  // namespace misfit::test
