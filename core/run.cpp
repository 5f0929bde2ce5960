// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/job.hpp>
#include <misfit/run.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace misfit::detail {

namespace {

/// The file name of the program.
std::string program_name(int argc, char** argv) {
  const std::string path = argc > 0 ? argv[0] : "misfit";
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

int run(int& argc, char**& argv, const std::function<int()>& body) {
  const std::string program = program_name(argc, argv);
  Job job(argc, argv);
  int status = 1;
  bool failed = true;
  std::string error;
  try {
    const Kokkos::ScopeGuard kokkos(argc, argv);
    status = body();
    failed = false;
  } catch (const std::exception& caught) {
    error = caught.what();
  } catch (...) {
    error = "an exception that is no std::exception";
  }

  return job.end(status, failed, error, [&](LastError last) {
    const std::string where = last.of_all ? "" : "rank " + std::to_string(job.rank()) + ": ";
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s%s\n", program.c_str(), where.c_str(), error.c_str());
  });
}

}  // namespace misfit::detail
