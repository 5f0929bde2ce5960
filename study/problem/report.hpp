// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem/memory.hpp"
#include "problem/options.hpp"
#include "scaling/machine.hpp"

#include <map>
#include <string>
#include <vector>

namespace misfit::study {

/// What was seen of one call.
struct CallResult {
  std::string call;
  std::map<std::string, double> figures;  ///< of CaseRun
  double work = 0;                        ///< of all ranks: bytes or operations
};

/// What was seen of a problem.
struct Result {
  Options options;
  int ranks = 1;
  bench::Nodes nodes{};
  int threads = 1;
  double unknowns = 0;
  Memory memory{};
  double value_of_a_number = 0;  ///< f(x) by the numbers measured, where x is an image
  std::vector<CallResult> calls{};
};

std::string table_of(const Result& result);
/// One object, in one line.
std::string json_of(const Result& result);

}  // namespace misfit::study
