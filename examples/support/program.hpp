// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "arguments.hpp"

#include <misfit/communicator.hpp>
#include <misfit/session.hpp>

#include <mpi.h>

#include <cstdio>
#include <exception>
#include <initializer_list>

namespace examples {

/// What main() returns: runs `body(arguments, communicator)` on all ranks. An error, which misfit
/// throws on all of them, is printed once.
template <typename Body>
int run(int argc, char* argv[], const char* usage, std::initializer_list<const char*> options,
        Body&& body) {
  const misfit::Session session(argc, argv);
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const bool speaks = communicator.rank() == 0;
  try {
    const Arguments arguments(argc, argv, options);
    if (!arguments.help())
      body(arguments, communicator);
    else if (speaks)
      std::fputs(usage, stdout);
    return 0;
  } catch (const UsageError& error) {
    if (speaks) std::fprintf(stderr, "%s: %s (see --help)\n", argv[0], error.what());
    return 2;
  } catch (const std::exception& error) {
    if (speaks) std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

}  // namespace examples
