// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Plants the fault of a case on ranks, and looks at what all of them got.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/check.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace misfit::test {

/// Counts a case of the check for each set of ranks that the fault is planted on.
///
/// It holds where every rank threw, the errors have one type, text, rank and operator, of the type
/// and with the words that the case says, nothing was printed, no argument was changed, and the
/// objects gave the right result after it. With --canary one of these is broken in every case.
class Runner {
 public:
  explicit Runner(Check& check);
  ~Runner();

  void run(const Case& one);

 private:
  struct Outcome;

  std::vector<std::vector<int>> rank_sets(Where where);
  Outcome attempt(const Case& one, bool bad);
  void run_on(const Case& one, const std::vector<int>& ranks);
  // What is wrong with what this rank got, or nothing.
  std::string fault_of(const Case& one, const Outcome& outcome, int first_bad) const;
  std::int64_t printed() const;

  Check& check_;
  int rank_ = 0, size_ = 1;
  int printed_to_ = -1;      // a file that stdout and stderr go to during a case
  std::uint64_t cases_ = 0;  // a number for each set of ranks of each case
};

}  // namespace misfit::test
