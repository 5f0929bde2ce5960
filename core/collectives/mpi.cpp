// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"

#include <misfit/error.hpp>

#include <mpi.h>

#include <cstddef>
#include <span>
#include <string>
#include <thread>

namespace misfit::detail {

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw MpiError(code,
                 std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
}

// Open MPI lets others run by itself. MPICH and those made from it do not, since version 4: each
// rank would wait for the end of the others' time slices.
int wait_for(std::span<MPI_Request> requests) {
  const int count = static_cast<int>(requests.size());
#if defined(MPICH_VERSION)
  constexpr int turns_without_a_break = 1000;
  int ended = 0, turns = 0;
  for (;;) {
    const int code = MPI_Testall(count, requests.data(), &ended, MPI_STATUSES_IGNORE);
    if (code != MPI_SUCCESS || ended != 0) return code;
    if (turns < turns_without_a_break)
      ++turns;
    else
      std::this_thread::yield();
  }
#else
  return MPI_Waitall(count, requests.data(), MPI_STATUSES_IGNORE);
#endif
}

}  // namespace misfit::detail
