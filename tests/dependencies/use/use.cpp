// SPDX-License-Identifier: BSD-3-Clause
#include <stand_in_Kokkos.hpp>
#include <stand_in_KokkosKernels.hpp>

#if !defined(STAND_IN_Kokkos) || !defined(STAND_IN_KokkosKernels)
#error "the target does not lead to what the package defines"
#endif
