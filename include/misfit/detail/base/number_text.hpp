// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <string>

namespace misfit::detail {

/// `value` in as few digits as tell it from every other double: what a message shows of a number
/// that it refuses.
inline std::string number_text(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace misfit::detail
