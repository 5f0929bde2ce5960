// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem/named_problems.hpp"
#include "scaling/scaling_case.hpp"

#include <string>
#include <vector>

namespace misfit::study {

/// What the command line asks for.
struct Options {
  NamedProblem problem;
  int size = 0;       ///< 0: that of the image, or of the problem
  int operators = 0;  ///< of all ranks
  std::string form = "replicated";
  std::vector<std::string> calls{"fn", "grad", "fn_and_grad"};
  std::string image;  ///< a file, or none
  int rounds = 21;
  double memory = 0;  ///< of a rank [bytes]; what is free if 0
  bool json = false;

  bench::ScalingCase case_of(const std::string& call) const;
};

/// Throws std::invalid_argument for what makes no sense.
Options parse_options(int argc, char* const argv[]);

/// What --help prints: a screen.
std::string usage();

}  // namespace misfit::study
