// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/workspace.hpp>

namespace misfit::detail {

/// A workspace that is not shared with the copies of its owner: two copies may run at once.
class PrivateWorkspace : public Workspace {
 public:
  PrivateWorkspace() = default;
  PrivateWorkspace(const PrivateWorkspace&) : Workspace() {}  // NOLINT: the memory is not copied
  PrivateWorkspace& operator=(const PrivateWorkspace&) { return *this; }
};

}  // namespace misfit::detail
