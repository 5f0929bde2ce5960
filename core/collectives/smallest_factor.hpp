// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::detail {

/// The smallest prime factor of a number above 1: as few as can be meet, so that most of the data
/// stays near where those that are numbered together lie together.
inline int smallest_factor(int number) {
  int factor = 2;
  while (number % factor != 0) ++factor;
  return factor;
}

}  // namespace misfit::detail
