// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/scalar.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>

namespace misfit::detail {

/// The entries of a kernel of rank 1, 2 or 3 of any layout, flipped in every dimension, as one
/// row-major array in `Space`. Blocks. Throws ArgumentError if the kernel is empty or not finite.
template <typename Value, typename Space, typename Kernel>
Kokkos::View<const Value*, Space> flipped_kernel(const Kernel& kernel) {
  constexpr auto rank = static_cast<std::size_t>(Kernel::rank);
  static_assert(rank >= 1 && rank <= 3, "misfit: the kernel of a Blur has rank 1, 2 or 3");
  if (kernel.size() == 0) throw ArgumentError("Blur: kernel is empty");

  const auto source = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, kernel);
  Kokkos::View<Value*, Space> flipped(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Blur::kernel"), kernel.size());
  const auto target = Kokkos::create_mirror_view(flipped);
  std::size_t end = kernel.size();
  const auto put = [&](const Value& value) {
    if (!std::isfinite(abs(value)))
      throw ArgumentError("Blur: kernel: has entries that are not finite");
    target(--end) = value;
  };
  for (std::size_t i = 0; i < kernel.extent(0); ++i) {
    if constexpr (rank == 1) {
      put(source(i));
    } else {
      for (std::size_t j = 0; j < kernel.extent(1); ++j) {
        if constexpr (rank == 2) {
          put(source(i, j));
        } else {
          for (std::size_t k = 0; k < kernel.extent(2); ++k) put(source(i, j, k));
        }
      }
    }
  }
  Kokkos::deep_copy(flipped, target);
  return flipped;
}

}  // namespace misfit::detail
