// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace misfit::detail {

/// Of all messages from rank to rank: the largest that every MPI knows, which users of
/// Communicator::native() are least likely to take.
constexpr int message_tag = 32767;

/// Throws MpiError if `code`, which `call` returned, is no success.
void check_mpi(int code, const char* call);

/// As MPI_Waitall: waits until all of `requests` are complete, and returns its code. Where ranks
/// outnumber cores, others run meanwhile.
int wait_for(std::span<MPI_Request> requests);

/// The largest count that is handed to MPI 3, which counts in int. The scorecard sets smaller ones.
inline std::size_t mpi_piece = std::size_t{1} << 30;

/// Calls `use(first, count)` for pieces of 0 … total − 1 of at most mpi_piece;
/// ends at the first code that is no success and returns it.
template <typename Use>
int in_pieces(std::size_t total, Use&& use) {
  for (std::size_t first = 0; first < total; first += mpi_piece)
    if (const int code = use(first, static_cast<int>(std::min(mpi_piece, total - first)));
        code != MPI_SUCCESS)
      return code;
  return MPI_SUCCESS;
}

}  // namespace misfit::detail
