// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace misfit {

/// What check_adjoint() and check_gradient() test, each in the order in which one fault leads to
/// the next.
enum class CheckedProperty {
  assignment,        ///< apply sets all of A x, whatever was there
  linearity,         ///< A(a x + b z) = a A x + b A z
  adjointness,       ///< ⟨A x, y⟩ = ⟨x, A^H y⟩; of a derivative ⟨J h, r⟩ = ⟨h, J^H r⟩
  accumulation,      ///< A^H y is added to what was there
  sum_over_ranks,    ///< ⟨x, Σ J_i^H r_i⟩ is the sum of all ⟨x, J_i^H r_i⟩
  gradient,          ///< the gradient against differences of the value
  value_of_both,     ///< the value of fn_and_grad against that of fn
  gradient_of_both,  ///< the gradient of fn_and_grad against that of grad
};

/// Prints its name and, in brackets, what it says.
std::ostream& operator<<(std::ostream& out, CheckedProperty property);

/// What a checker measured, for instance in a test `EXPECT_TRUE(result.passed()) << result`.
struct CheckResult {
  /// Relative; what it is relative to is said at the checker.
  double error = 0;
  /// What rounding allows for a correct operator or gradient.
  double tolerance = 0;
  /// What has this error: the first of `failed`, or where all passed what is nearest to its
  /// tolerance.
  CheckedProperty property = CheckedProperty::adjointness;
  /// Of a distributed operator: the one with this error, the worst; -1 for the whole.
  int operator_index = -1;
  /// All that failed, of this operator.
  std::vector<CheckedProperty> failed = {};
  /// Of a distributed operator: all operators of which something failed, ascending.
  std::vector<int> failed_operators = {};

  /// Whether the error is within the tolerance. A NaN is not.
  bool passed() const noexcept { return error <= tolerance; }

  /// A line that says all of this.
  std::string text() const;
};

/// Prints text().
std::ostream& operator<<(std::ostream& out, const CheckResult& result);

namespace detail {

/// One result of those of several properties, in the order of CheckedProperty.
CheckResult combined(const std::vector<CheckResult>& properties);

/// How many numbers the result of one operator is, where results are summed over ranks.
inline constexpr std::size_t numbers_of_check = 4;

/// Writes the result of operator i into its place among those of all.
void write_check(const CheckResult& result, int i, std::vector<double>& all);

/// The worst of n operators if one failed, else `whole` if that failed, else what is nearest to its
/// tolerance.
CheckResult worst_of_stack(const std::vector<double>& all, int n, const CheckResult& whole);

}  // namespace detail

}  // namespace misfit
