// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/sums/blas1.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_BLAS1, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
