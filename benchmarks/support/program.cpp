// SPDX-License-Identifier: BSD-3-Clause
#include "support/program.hpp"

#include <misfit/run.hpp>
#include <misfit/version.hpp>

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

class SilentReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

void add_context(int ranks) {
  const BuildInfo info = build_info();
  benchmark::AddCustomContext("misfit_version", info.version);
  benchmark::AddCustomContext("mpi_ranks", std::to_string(ranks));
  benchmark::AddCustomContext("mpi_library", info.mpi);
  benchmark::AddCustomContext("kokkos_version", info.kokkos);
  benchmark::AddCustomContext("kokkos_execution_space", info.backends.front());
  benchmark::AddCustomContext("kokkos_concurrency",
                              std::to_string(Kokkos::DefaultExecutionSpace().concurrency()));
  benchmark::AddCustomContext("compiler", info.compiler);
  benchmark::AddCustomContext("git_revision", MISFIT_GIT_REVISION);
}

/// Before MPI starts, for Google Benchmark ends the process after its own text.
int usage(int argc, char** argv, const Program& program) {
  std::printf("usage: mpiexec -n P %s [OPTION]... [OPTION OF GOOGLE BENCHMARK]...\n\n%s\n", argv[0],
              program.usage.c_str());
  benchmark::Initialize(&argc, argv);
  return 0;
}

/// With MPI and Kokkos running. Returns the exit status.
int run_cases(int argc, char* argv[], const Program& program) {
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  // Every rank that knew of the output file would truncate it.
  const auto drop = [&](std::string_view argument) {
    return program.take(argument) || (rank != 0 && argument.starts_with("--benchmark_out"));
  };
  argc = static_cast<int>(std::remove_if(argv + 1, argv + argc, drop) - argv);
  if (rank != 0) unsetenv("BENCHMARK_OUT");
  benchmark::Initialize(&argc, argv);
  if (argc > 1) throw std::invalid_argument(std::string("unknown or bad option ") + argv[1]);
  add_context(ranks);
  program.register_cases(ranks);

  // A list is no report, and comes on every rank.
  if (rank != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
  SilentReporter silent;
  const std::size_t cases =
      rank == 0 ? benchmark::RunSpecifiedBenchmarks() : benchmark::RunSpecifiedBenchmarks(&silent);
  return cases > 0 ? 0 : 1;
}

}  // namespace

int run_program(int argc, char* argv[], const Program& program) {
  for (int k = 1; k < argc; ++k)
    if (argv[k] == std::string_view("--help")) return usage(argc, argv, program);
  return run(argc, argv, [&] { return run_cases(argc, argv, program); });
}

}  // namespace misfit::bench
