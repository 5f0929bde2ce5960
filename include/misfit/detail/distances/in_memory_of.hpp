// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::detail {

/// A base of what keeps a Part, and so is where that is: it has the memory_space of the Part,
/// if any.
template <typename Part>
struct InMemoryOf {};

template <typename Part>
  requires requires { typename Part::memory_space; }
struct InMemoryOf<Part> {
  /// Where it is.
  using memory_space = typename Part::memory_space;
};

}  // namespace misfit::detail
