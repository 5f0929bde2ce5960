// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/decomposition/halo_exchange.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_HALO_EXCHANGE, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
