// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/solvers/dual_step.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_DUAL_STEP, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
