// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace misfit::test {

/// Of the operators that checkers are tried on.
inline constexpr std::size_t rows = 6, unknowns = 9;

}  // namespace misfit::test
