// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/evaluation/tree_call.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_TREE_CALL, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
