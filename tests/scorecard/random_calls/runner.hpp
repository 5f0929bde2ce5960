// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/problem.hpp"

#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace misfit::test::random_calls {

/// What a call gave on this rank: an error, or values and numbers.
struct Outcome {
  bool threw = false;
  std::string type, text;
  int rank = -2, operator_index = -2;
  std::vector<double> values;
  std::vector<std::complex<double>> numbers;
  bool same_numbers = true;  ///< on all ranks, or each has its own

  /// Of everything that must be the same on all ranks, or in all calls on this one; NaN is NaN.
  std::uint64_t hash(bool of_this_rank = false) const;
};

/// The objects of a case, of the types that it says, and the calls on them.
class Runner {
 public:
  virtual ~Runner() = default;
  /// Makes the operators, measurements and distances. Collective.
  virtual void set_up() = 0;
  /// Makes a call. Collective. An error is in the outcome.
  virtual Outcome run(const CallSpec& call) = 0;
  /// Which entries of x this rank has.
  const std::vector<std::size_t>& piece() const { return piece_; }

 protected:
  std::vector<std::size_t> piece_;
};

/// Whether this program was compiled for the types of a case, and the runner of one.
bool has_runner(const Case& c);
std::unique_ptr<Runner> make_runner(const Problem& problem);

// One for each family of types.
std::unique_ptr<Runner> erased_double(const Problem& problem);
std::unique_ptr<Runner> erased_others(const Problem& problem);
std::unique_ptr<Runner> separable_double(const Problem& problem);
std::unique_ptr<Runner> separable_complex(const Problem& problem);
std::unique_ptr<Runner> typed(const Problem& problem);
std::unique_ptr<Runner> typed_by_rows(const Problem& problem);
std::unique_ptr<Runner> with_l2(const Problem& problem);
std::unique_ptr<Runner> members(const Problem& problem);

/// What must come of a call on all ranks: an error of this type from this rank and operator, where
/// they are known, or none.
struct ExpectedError {
  bool must = false, may = false;
  std::string type;                    ///< or empty
  int rank = -2, operator_index = -2;  ///< or -2
  std::uint32_t ranks = ~0U;           ///< one of these
};
ExpectedError expected_error(const Problem& problem, const CallSpec& call);

/// What is wrong with an outcome, as far as this rank tells, or nothing. `numbers` is whether it is
/// this rank's turn to compute what results must be.
std::string fault_in(const Problem& problem, const CallSpec& call, const Outcome& outcome,
                     const std::vector<std::size_t>& piece, bool numbers);

}  // namespace misfit::test::random_calls
