// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/matrices/kokkos_kernels.hpp>

namespace misfit::detail {

MISFIT_FOR_PRODUCTS(MISFIT_GEMVS, )

}  // namespace misfit::detail
