// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/case.hpp"

#include <misfit/error.hpp>

#include <new>
#include <stdexcept>

namespace misfit::test::random_calls {

/// What goes wrong on this rank in the call that is made, and in which operator.
struct Planted {
  Fault fault = Fault::none;
  int operator_index = -1;
  int choice = 0;
  bool wrong_adjoint = false;  ///< the fault that --canary plants: an adjoint that is wrong once
};
inline Planted planted;

/// Whether it is for operator i; −1: for what all operators share.
inline bool is_planted(Fault fault, int i) {
  return planted.fault == fault && (i < 0 || planted.operator_index == i);
}

inline constexpr const char* planted_text = "planted";

[[noreturn]] inline void throw_planted() {
  switch (planted.choice % 5) {
    case 1:
      throw ArgumentError(planted_text);
    case 2:
      throw DomainError(planted_text);
    case 3:
      throw 7;
    case 4:
      throw std::bad_alloc();
    default:
      throw std::runtime_error(planted_text);
  }
}

inline void throw_where_planted(Fault fault, int i) {
  if (is_planted(fault, i)) throw_planted();
}

}  // namespace misfit::test::random_calls
