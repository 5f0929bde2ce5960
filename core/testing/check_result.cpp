// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/testing/check_result.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <ostream>
#include <sstream>

namespace misfit {

namespace {

const char* name(CheckedProperty property) {
  switch (property) {
    case CheckedProperty::assignment:
      return "assignment (apply sets all of A x, whatever was there)";
    case CheckedProperty::linearity:
      return "linearity (A(a x + b z) = a A x + b A z)";
    case CheckedProperty::adjointness:
      return "adjointness (<A x, y> = <x, A^H y>)";
    case CheckedProperty::accumulation:
      return "accumulation (A^H y is added to what was there)";
    case CheckedProperty::sum_over_ranks:
      return "the sum over ranks";
    case CheckedProperty::gradient:
      return "gradient (against differences of the value)";
    case CheckedProperty::value_of_both:
      return "value of fn_and_grad (against fn)";
    case CheckedProperty::gradient_of_both:
      return "gradient of fn_and_grad (against grad)";
  }
  return "";
}

/// The error over its tolerance; infinity for a NaN.
double excess(const CheckResult& result) {
  return std::isnan(result.error) ? std::numeric_limits<double>::infinity()
                                  : result.error / result.tolerance;
}

/// What write_check() wrote: error, tolerance, property, and what failed, a bit a property.
CheckResult read_check(const std::vector<double>& all, int i) {
  const double* const numbers = all.data() + detail::numbers_of_check * static_cast<std::size_t>(i);
  CheckResult result{numbers[0], numbers[1],
                     static_cast<CheckedProperty>(static_cast<int>(numbers[2])), i};
  const auto bits = static_cast<unsigned>(numbers[3]);
  for (unsigned k = 0; bits >> k != 0; ++k)
    if ((bits >> k & 1) != 0) result.failed.push_back(static_cast<CheckedProperty>(k));
  return result;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, CheckedProperty property) {
  return out << name(property);
}

std::string CheckResult::text() const {
  constexpr std::size_t at_most = 20;
  std::ostringstream out;
  out.precision(2);
  if (operator_index >= 0) out << "operator " << operator_index << ": ";
  out << property << (passed() ? " passed" : " failed") << ": error " << error << ", tolerance "
      << tolerance;
  for (std::size_t k = 1; k < failed.size(); ++k) out << "; failed too: " << failed[k];
  if (failed_operators.size() > 1) {
    out << "; " << failed_operators.size() << " operators failed:";
    for (std::size_t k = 0; k < std::min(failed_operators.size(), at_most); ++k)
      out << (k > 0 ? ", " : " ") << failed_operators[k];
    if (failed_operators.size() > at_most) out << ", ...";
  }
  return out.str();
}

std::ostream& operator<<(std::ostream& out, const CheckResult& result) {
  return out << result.text();
}

namespace detail {

CheckResult combined(const std::vector<CheckResult>& properties) {
  CheckResult result = properties.front();
  std::vector<CheckedProperty> failed;
  for (const auto& one : properties) {
    const bool first_to_fail = !one.passed() && failed.empty();
    if (!one.passed()) failed.push_back(one.property);
    if (first_to_fail || (failed.empty() && excess(one) > excess(result))) result = one;
  }
  result.failed = failed;
  return result;
}

void write_check(const CheckResult& result, int i, std::vector<double>& all) {
  unsigned bits = 0;
  for (const auto property : result.failed) bits |= 1U << static_cast<unsigned>(property);
  double* const numbers = all.data() + numbers_of_check * static_cast<std::size_t>(i);
  numbers[0] = result.error;
  numbers[1] = result.tolerance;
  numbers[2] = static_cast<double>(result.property);
  numbers[3] = bits;
}

CheckResult worst_of_stack(const std::vector<double>& all, int n, const CheckResult& whole) {
  std::vector<int> failed;
  CheckResult worst = whole;
  for (int i = 0; i < n; ++i) {
    const CheckResult one = read_check(all, i);
    const bool worse_yet = excess(one) > excess(worst);
    if (one.passed()) {
      if (worst.passed() && worse_yet) worst = one;
    } else {
      if (failed.empty() || worse_yet) worst = one;
      failed.push_back(i);
    }
  }
  if (failed.empty() && !whole.passed()) worst.failed = {whole.property};
  worst.failed_operators = failed;
  return worst;
}

}  // namespace detail

}  // namespace misfit
