// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/check_result.hpp>

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

}  // namespace

std::string CheckResult::text() const {
  constexpr std::size_t at_most = 20;
  std::ostringstream out;
  out.precision(2);
  if (operator_index >= 0) out << "operator " << operator_index << ": ";
  out << name(property) << (passed() ? " passed" : " failed") << ": error " << error
      << ", tolerance " << tolerance;
  for (std::size_t k = 1; k < failed.size(); ++k) out << "; failed too: " << name(failed[k]);
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

double excess(const CheckResult& result) {
  return std::isnan(result.error) ? std::numeric_limits<double>::infinity()
                                  : result.error / result.tolerance;
}

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

}  // namespace detail

}  // namespace misfit
