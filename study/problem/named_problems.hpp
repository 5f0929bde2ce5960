// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scaling/scaling_case.hpp"

#include <string>
#include <vector>

namespace misfit::study {

/// A problem by its name, and the family of which it is.
struct NamedProblem {
  std::string name, family;
  std::string operators;  ///< what one is, of size N
  int size, count;        ///< where nothing else is said
  int most_size;
  bool square;     ///< the size of the family is N x N
  bool of_images;  ///< x may be an image
  char unit;       ///< of its work: bytes or floating-point operations, B or F
};

/// Those that this build has.
const std::vector<NamedProblem>& problems();
/// Throws std::invalid_argument for a name that there is not.
const NamedProblem& problem_called(const std::string& name);

/// "replicated", "split" and "slabs", as far as `problem` has them.
std::vector<std::string> forms_of(const NamedProblem& problem);

}  // namespace misfit::study
