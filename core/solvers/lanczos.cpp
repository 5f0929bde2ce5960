// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/solvers/lanczos.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_LANCZOS, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
