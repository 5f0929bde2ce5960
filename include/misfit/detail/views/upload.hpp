// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit::detail {

/// The numbers in `Space`. Blocks.
template <typename Space, typename Value>
Kokkos::View<const Value*, Space> in_space(const std::vector<Value>& numbers,
                                           const std::string& label) {
  Kokkos::View<Value*, Space> view(Kokkos::view_alloc(Kokkos::WithoutInitializing, label),
                                   numbers.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < numbers.size(); ++j) host(j) = numbers[j];
  Kokkos::deep_copy(view, host);
  return view;
}

}  // namespace misfit::detail
