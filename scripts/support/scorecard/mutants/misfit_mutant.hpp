// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <type_traits>

/// Mutants, all compiled into one program; the environment variable MISFIT_MUTANT is the number of
/// the one that is on.
namespace misfit_mutant {

inline constexpr int most = 4096;

inline int number_on() {
  const char* text = std::getenv("MISFIT_MUTANT");
  return text != nullptr ? std::atoi(text) : 0;
}

inline const int active = number_on();
inline unsigned char reached[most];

inline bool reach(int number) {
  reached[number] = 1;
  return number == active;
}

/// Whether the mutant is on; what is computed by the compiler never is.
constexpr bool on(int number) {
  if (std::is_constant_evaluated()) return false;
  return reach(number);
}

}  // namespace misfit_mutant
