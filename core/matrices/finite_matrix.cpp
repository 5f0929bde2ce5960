// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/matrices/finite_matrix.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_FINITE_LINES, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
