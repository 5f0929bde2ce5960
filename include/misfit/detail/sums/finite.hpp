// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/sums/blas1.hpp>
#include <misfit/error.hpp>

#include <string>

namespace misfit::detail {

/// Throws ArgumentError naming `name` if an entry of `view` is not finite. Blocks.
template <typename Exec, typename V>
void require_finite(const Exec& exec, const char* name, const V& view) {
  if (!(zero_or_nan_of(exec, view) == 0))
    throw ArgumentError(std::string(name) + ": has entries that are not finite");
}

}  // namespace misfit::detail
