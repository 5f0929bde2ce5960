// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <cmath>
#include <string>

namespace misfit::detail {

/// `value` itself; throws ArgumentError naming it unless it is positive and finite.
inline double positive(double value, const std::string& name) {
  if (!(value > 0) || !std::isfinite(value))
    throw ArgumentError(name + " must be positive and finite, is " + std::to_string(value));
  return value;
}

/// `value` itself; throws ArgumentError naming it unless it is finite and not negative.
inline double non_negative(double value, const std::string& name) {
  if (!(value >= 0) || !std::isfinite(value))
    throw ArgumentError(name + " must be finite and not negative, is " + std::to_string(value));
  return value;
}

}  // namespace misfit::detail
