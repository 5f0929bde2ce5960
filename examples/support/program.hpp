// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "arguments.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>
#include <misfit/session.hpp>

#include <mpi.h>

#include <cstdio>
#include <initializer_list>
#include <string_view>

namespace examples {

/// What main() returns: runs `body(arguments, communicator)` on all ranks. An error that misfit
/// throws, on all of them, is printed once; what one rank alone throws ends the job.
template <typename Body>
int run(int argc, char* argv[], const char* usage, std::initializer_list<const char*> options,
        Body&& body) {
  for (int k = 1; k < argc; ++k)
    if (const std::string_view word = argv[k]; word == "--help" || word == "-h") {
      std::fputs(usage, stdout);  // before Kokkos prints its own
      return 0;
    }
  const misfit::Session session(argc, argv);
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const bool speaks = communicator.rank() == 0;
  try {
    body(Arguments(argc, argv, options), communicator);
    return 0;
  } catch (const UsageError& error) {
    if (speaks) std::fprintf(stderr, "%s: %s (see --help)\n", argv[0], error.what());
    return 2;
  } catch (const misfit::Error& error) {
    if (speaks) std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

}  // namespace examples
