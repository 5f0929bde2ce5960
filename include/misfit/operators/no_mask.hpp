// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/passes.hpp>

#include <Kokkos_Core.hpp>

namespace misfit {

/// Stands for a mask of ones, of which nothing is stored, in an operator whose images are in
/// `MemorySpace`: Fourier<T, NoMask<Kokkos::HostSpace>>.
template <typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
struct NoMask {
  /// Where the images are.
  using memory_space = MemorySpace;
};

namespace detail {

template <typename T, typename Mask>
struct FactorsOf {
  using type = Mask;
};
template <typename T, typename MemorySpace>
struct FactorsOf<T, NoMask<MemorySpace>> {
  using type = Ones<Real<T>, MemorySpace>;
};

/// What passes multiply by: the mask, or Ones.
template <typename T, typename Mask>
using Factors = typename FactorsOf<T, Mask>::type;

}  // namespace detail

}  // namespace misfit
