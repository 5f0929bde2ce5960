// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace misfit::test {

/// Of the operators that data fidelities are tried on.
inline constexpr std::size_t unknowns = 7;

}  // namespace misfit::test
