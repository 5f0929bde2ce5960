// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/testing/adjoint_tests.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_ADJOINT_TESTS, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
