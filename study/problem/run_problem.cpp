// SPDX-License-Identifier: BSD-3-Clause
#include "problem/run_problem.hpp"

#include "problem/image.hpp"
#include "problem/memory.hpp"
#include "problem/options.hpp"
#include "problem/progress.hpp"
#include "problem/report.hpp"
#include "problem/text.hpp"
#include "scaling/case_run.hpp"
#include "support/problem.hpp"
#include "support/view_memory.hpp"

#include <misfit/run.hpp>

#include <mpi.h>

#include <cstdio>
#include <stdexcept>

namespace misfit::study {
namespace {

CallResult timed(const bench::Settings& settings, const bench::ScalingCase& c,
                 const bench::ScalingProblem& problem, Progress& progress) {
  bench::CaseRun run(settings, c, problem);
  const std::string call = name_of(c.call);
  for (int k = 0; k < settings.rounds; ++k) {
    run.round();
    progress.round(call);
  }
  return {call, run.figures(), bench::sum_over_ranks(problem.work(c.call, problem.operators_here))};
}

Result study(const Options& asked, int rank, int ranks) {
  Result result{.options = asked, .ranks = ranks, .nodes = bench::count_nodes()};
  Options& options = result.options;
  const Image image = read_image(options);
  if (options.size == 0) options.size = image.side;
  result.memory = memory_for(options, ranks, result.nodes);
  result.threads = bench::Exec().concurrency();

  Progress progress(rank == 0, options.rounds * static_cast<int>(options.calls.size()));
  progress.say("making " + counted(options.operators, "operator"));
  bench::ViewMemory::watch();
  bench::ViewMemory::forget();
  const bench::ScalingCase first = options.case_of(options.calls.front());
  const bench::ScalingProblem problem = bench::family_of(first).make(first, options.operators);
  result.unknowns = static_cast<double>(problem.sizes.image.size());
  if (!image.pixels.empty()) problem.simulate(image.scaled_to(options.size));
  const bench::Settings settings{.ranks = ranks, .rounds = options.rounds};
  for (const std::string& call : options.calls)
    result.calls.push_back(timed(settings, options.case_of(call), problem, progress));
  if (!image.pixels.empty() && options.calls != std::vector<std::string>{"grad"})
    result.value_of_a_number = problem.value_of_a_number();
  return result;
}

void run_on_ranks(int argc, char* argv[]) {
  const Options options = parse_options(argc, argv);
  if (bench::simulated)
    throw std::invalid_argument("in a simulation there are cases alone (see --case= --help)");
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const Result result = study(options, rank, ranks);
  if (rank == 0) std::fputs((options.json ? json_of(result) : table_of(result)).c_str(), stdout);
}

}  // namespace

int run_problem(int argc, char* argv[]) {
  return run(argc, argv, [&] { run_on_ranks(argc, argv); });
}

}  // namespace misfit::study
