// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace misfit {

/// How many rows of its neighbours a slab is extended by.
struct HaloWidth {
  std::size_t before = 0;  ///< rows, towards row 0
  std::size_t after = 0;   ///< rows, towards the last row
  /// Whether the first row of the image follows its last; else there are no ghost rows beyond its
  /// ends.
  bool circular = false;

  friend bool operator==(const HaloWidth&, const HaloWidth&) = default;
};

}  // namespace misfit
