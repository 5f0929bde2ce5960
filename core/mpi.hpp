// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Throws MpiError if `code`, which `call` returned, is no success.
void check_mpi(int code, const char* call);

/// Calls `use(first, count)` for pieces of 0 … total − 1 that MPI 3, which counts in int, can take;
/// ends at the first code that is no success and returns it.
template <typename Use>
int in_pieces(std::size_t total, Use&& use) {
  constexpr std::size_t piece = std::size_t{1} << 30;
  for (std::size_t first = 0; first < total; first += piece)
    if (const int code = use(first, static_cast<int>(std::min(piece, total - first)));
        code != MPI_SUCCESS)
      return code;
  return MPI_SUCCESS;
}

inline MPI_Datatype mpi_type(const float*) { return MPI_FLOAT; }
inline MPI_Datatype mpi_type(const double*) { return MPI_DOUBLE; }
inline MPI_Datatype mpi_type(const std::int64_t*) { return MPI_INT64_T; }

/// Sums `values` over `comm` in place; returns MPI's code.
///
/// Blocking: for megabytes MPI_Iallreduce takes up to twice as long (Open MPI 4.1), and a blocking
/// call makes the same progress with what was started before it.
template <typename T>
int all_reduce_sum(MPI_Comm comm, T* values, std::size_t count) {
  return in_pieces(count, [&](std::size_t first, int n) {
    return MPI_Allreduce(MPI_IN_PLACE, values + first, n, mpi_type(values), MPI_SUM, comm);
  });
}

}  // namespace misfit::detail
