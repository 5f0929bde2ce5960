// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Gradients of groups of operators that run in parallel, `entries` of each group, one group behind
/// the other: of one group alone the gradient itself.
template <typename Exec, typename T>
struct GroupGradients {
  GroupGradients(Workspace& workspace, std::int64_t groups, std::int64_t entries, T* gradient)
      : first(gradient), groups(groups), entries(entries), gradient(gradient) {
    if (gradient != nullptr && groups > 1)
      first = workspace
                  .get<T, typename Exec::memory_space>(static_cast<std::size_t>(groups * entries),
                                                       "misfit::DistributedDataFidelity::groups")
                  .data();
  }

  /// gradient = the sum over the groups, in their order. Asynchronous on `exec`.
  void sum_up(const Exec& exec) const {
    if (first == gradient) return;
    T* const sum_of_groups = gradient;
    const T* const parts = first;
    const std::int64_t count = groups, n = entries;
    for_entries(
        exec, "misfit::DistributedDataFidelity::add_groups", static_cast<std::size_t>(n),
        KOKKOS_LAMBDA(const std::int64_t j) {
          T sum = parts[j];
          for (std::int64_t q = 1; q < count; ++q) sum += parts[q * n + j];
          sum_of_groups[j] = sum;
        });
  }

  T* first;  ///< null where there is no gradient
  std::int64_t groups, entries;
  T* gradient;
};

}  // namespace misfit::detail
