// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace misfit::detail {

/// Calls fill(v) with a View v that the host reads, and that becomes `view`: itself, where the host
/// reads it, for that takes less to compile than a copy. Blocks.
template <typename V, typename Fill>
void fill_on_host(const V& view, const Fill& fill) {
  if constexpr (host_reads<V>) {
    fill(view);
  } else {
    const auto host = Kokkos::create_mirror_view(view);
    fill(host);
    Kokkos::deep_copy(view, host);
  }
}

/// The numbers in `Space`. Blocks.
template <typename Space, typename Value>
Kokkos::View<const Value*, Space> in_space(const std::vector<Value>& numbers,
                                           const std::string& label) {
  Kokkos::View<Value*, Space> view(Kokkos::view_alloc(Kokkos::WithoutInitializing, label),
                                   numbers.size());
  fill_on_host(view, [&](const auto& v) { std::copy(numbers.begin(), numbers.end(), v.data()); });
  return view;
}

}  // namespace misfit::detail
