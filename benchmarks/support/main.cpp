// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/session.hpp>

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

class SilentReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  int rank = 0, size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);

  // Every rank that knew of the output file would truncate it.
  if (rank != 0) {
    argc = static_cast<int>(std::remove_if(argv + 1, argv + argc,
                                           [](std::string_view argument) {
                                             return argument.starts_with("--benchmark_out");
                                           }) -
                            argv);
    unsetenv("BENCHMARK_OUT");
  }
  benchmark::AddCustomContext("mpi_ranks", std::to_string(size));
  benchmark::AddCustomContext("kokkos_version", std::to_string(KOKKOS_VERSION));
  benchmark::AddCustomContext("kokkos_execution_space", Kokkos::DefaultExecutionSpace::name());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;

  SilentReporter silent;
  if (rank == 0)
    benchmark::RunSpecifiedBenchmarks();
  else
    benchmark::RunSpecifiedBenchmarks(&silent);
}
