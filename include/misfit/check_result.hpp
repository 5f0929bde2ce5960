// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit {

/// What a checker measured, for instance `EXPECT_TRUE(check_adjoint(exec, op).passed())` in a test.
struct CheckResult {
  double error = 0;      ///< relative; what it is relative to is said at the checker
  double tolerance = 0;  ///< what rounding allows for a correct operator or gradient
  int operator_index =
      -1;  ///< of a distributed operator: the one with this error, -1 for the whole

  /// Whether the error is within the tolerance. A NaN is not.
  bool passed() const noexcept { return error <= tolerance; }
};

}  // namespace misfit
