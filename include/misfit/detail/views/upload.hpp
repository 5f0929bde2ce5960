// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace misfit::detail {

/// The numbers in `Space`. Blocks.
template <typename Space, typename Value>
Kokkos::View<const Value*, Space> in_space(const std::vector<Value>& numbers,
                                           const std::string& label) {
  Kokkos::View<Value*, Space> view(Kokkos::view_alloc(Kokkos::WithoutInitializing, label),
                                   numbers.size());
  if constexpr (host_reads<Space>) {  // without what deep_copy() would take to compile
    std::copy(numbers.begin(), numbers.end(), view.data());
  } else {
    const auto host = Kokkos::create_mirror_view(view);
    std::copy(numbers.begin(), numbers.end(), host.data());
    Kokkos::deep_copy(view, host);
  }
  return view;
}

}  // namespace misfit::detail
