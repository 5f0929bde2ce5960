// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/views/workspace.hpp>

#include <cstddef>

namespace misfit::detail {

template char* Workspace::bytes<Kokkos::HostSpace>(std::size_t, std::size_t, const char*);

}  // namespace misfit::detail
