// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace misfit::test {

/// Objects that nobody has used yet, and what is done with them.
struct Trial {
  std::function<void()> call;     ///< during which memory is refused
  std::function<double()> value;  ///< of what the call left
};

/// A collective call of the library.
struct Case {
  std::string name;
  std::function<Trial()> make;  ///< collective; the same on all ranks
};

std::vector<Case> cases_of_fidelities();
std::vector<Case> cases_of_operators();
std::vector<Case> cases_of_pieces();
std::vector<Case> cases_of_points();
std::vector<Case> cases_of_communicators();
std::vector<Case> cases_of_checkpoints();
std::vector<Case> cases_of_transforms();

}  // namespace misfit::test
