// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace misfit {

/// The entry of an object, counted from 0, on which the first entry of a probe lies.
struct ScanPosition {
  std::int64_t row;     ///< along the first dimension
  std::int64_t column;  ///< along the second
};

}  // namespace misfit
