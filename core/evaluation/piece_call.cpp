// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/evaluation/piece_call.hpp>

namespace misfit::detail {

MISFIT_FOR_SCALARS(MISFIT_PIECE_CALL, , Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
