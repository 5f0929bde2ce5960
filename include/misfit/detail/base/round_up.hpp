// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace misfit::detail {

/// The least multiple of `step` that is not below `n`.
constexpr std::int64_t round_up(std::int64_t n, std::int64_t step) {
  return (n + step - 1) / step * step;
}

/// The greatest multiple of `step` that is not above `n`, which may be negative, over `step`.
constexpr std::int64_t floor_div(std::int64_t n, std::int64_t step) {
  return n >= 0 ? n / step : -((step - 1 - n) / step);
}

}  // namespace misfit::detail
