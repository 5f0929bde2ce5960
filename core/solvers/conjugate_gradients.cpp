// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/solvers/conjugate_gradients.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_CONJUGATE_GRADIENTS, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
