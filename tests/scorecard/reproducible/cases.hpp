// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/misfit.hpp>

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace misfit::test {

/// In which launches a case is tried: each kind in those of the kinds above it, too.
enum class Launch {
  full,             ///< of a full run
  quick,            ///< of a quick run
  simulation,       ///< of a simulator of hundreds of ranks
  large_simulation  ///< of a simulator of a thousand
};

/// A problem, whose results any number of ranks compute.
struct Case {
  std::string name;
  int operators;
  Launch launch;
  /// The hash of all results on this rank.
  std::function<std::uint64_t(MPI_Comm comm, const Partition& partition, Sum sum)> hash;
};

void add_real_cases(std::vector<Case>& cases);
void add_complex_cases(std::vector<Case>& cases);

}  // namespace misfit::test
