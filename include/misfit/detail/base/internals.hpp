// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::detail {

/// The way of misfit's own code to what public classes hold; their one friend.
struct Internals {
  template <typename Public>
  static const auto& of(const Public& object) {
    return object.internals_;
  }
};

}  // namespace misfit::detail
