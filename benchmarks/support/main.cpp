// SPDX-License-Identifier: BSD-3-Clause
#include "support/options.hpp"
#include "support/view_memory.hpp"

#include <misfit/session.hpp>

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>
#include <mpi.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

class SilentReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

/// The largest cache that Linux tells of [bytes]; 32 MiB where it tells of none.
std::size_t last_level_cache() {
  std::size_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) +
                       "/size");
    std::size_t kibibytes = 0;
    if (file >> kibibytes) largest = std::max(largest, kibibytes << 10);
  }
  return largest > 0 ? largest : std::size_t{32} << 20;
}

/// A number after `name` in `argument`, into `value`; false if there is none.
template <typename T>
bool parse(std::string_view argument, std::string_view name, T& value) {
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  const char* const end = argument.data() + argument.size();
  const auto [stop, error] = std::from_chars(argument.data(), end, value);
  return error == std::errc() && stop == end && value > 0;
}

/// Takes misfit's own options out of the command line.
misfit::bench::Options take_options(int& argc, char** argv) {
  misfit::bench::Options options;
  options.cache_bytes = last_level_cache();
  const auto own = [&](std::string_view argument) {
    if (argument == "--quick") return options.quick = true;
    return parse(argument, "--rounds=", options.rounds) ||
           parse(argument, "--cache_bytes=", options.cache_bytes);
  };
  argc = static_cast<int>(std::remove_if(argv + 1, argv + argc, own) - argv);
  return options;
}

std::string mpi_library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, static_cast<std::size_t>(length));
  return all.substr(0, all.find_first_of(",\n"));
}

std::string kokkos_version() {
  return std::to_string(KOKKOS_VERSION / 10000) + "." + std::to_string(KOKKOS_VERSION / 100 % 100) +
         "." + std::to_string(KOKKOS_VERSION % 100);
}

/// Before MPI starts, for Google Benchmark ends the process after its own text.
int usage(int argc, char** argv) {
  std::printf(
      "usage: mpiexec -n P %s [--quick] [--rounds=N] [--cache_bytes=N] [OPTION OF GOOGLE "
      "BENCHMARK]...\n\n"
      "  --quick          fewer cases\n"
      "  --rounds=N       timed rounds of a case; default: 21\n"
      "  --cache_bytes=N  the last-level cache that sizes are multiples of; default: this "
      "machine's\n\n",
      argv[0]);
  benchmark::Initialize(&argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  for (int k = 1; k < argc; ++k)
    if (argv[k] == std::string_view("--help")) return usage(argc, argv);
  const misfit::Session session(argc, argv);
  int rank = 0;
  misfit::bench::Options options = take_options(argc, argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &options.ranks);

  // Every rank that knew of the output file would truncate it.
  if (rank != 0) {
    argc = static_cast<int>(std::remove_if(argv + 1, argv + argc,
                                           [](std::string_view argument) {
                                             return argument.starts_with("--benchmark_out");
                                           }) -
                            argv);
    unsetenv("BENCHMARK_OUT");
  }
  const Kokkos::DefaultExecutionSpace exec;
  benchmark::AddCustomContext("mpi_ranks", std::to_string(options.ranks));
  benchmark::AddCustomContext("mpi_library", mpi_library());
  benchmark::AddCustomContext("kokkos_version", kokkos_version());
  benchmark::AddCustomContext("kokkos_execution_space", Kokkos::DefaultExecutionSpace::name());
  benchmark::AddCustomContext("kokkos_concurrency", std::to_string(exec.concurrency()));
  benchmark::AddCustomContext("compiler", MISFIT_COMPILER);
  benchmark::AddCustomContext("git_revision", MISFIT_GIT_REVISION);
  benchmark::AddCustomContext("last_level_cache_bytes", std::to_string(options.cache_bytes));
  benchmark::Initialize(&argc, argv);
  if (argc > 1) {
    if (rank == 0) std::fprintf(stderr, "%s: unknown or bad option %s\n", argv[0], argv[1]);
    return 1;
  }
  misfit::bench::ViewMemory::watch();
  misfit::bench::register_cases(options);

  // A list is no report, and comes on every rank.
  if (rank != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
  SilentReporter silent;
  const std::size_t cases =
      rank == 0 ? benchmark::RunSpecifiedBenchmarks() : benchmark::RunSpecifiedBenchmarks(&silent);
  return cases > 0 ? 0 : 1;
}
