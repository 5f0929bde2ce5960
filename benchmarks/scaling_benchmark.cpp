// SPDX-License-Identifier: BSD-3-Clause

// One call of misfit on many ranks: how long it takes, and which part of it is computing, which
// communicating, which waiting for others. Runs under MPI and, compiled by smpicxx, in SimGrid.

#include "scaling/machine.hpp"
#include "scaling/mpi_calls.hpp"
#include "scaling/scaling_case.hpp"
#include "support/program.hpp"
#include "support/statistics.hpp"

#include <benchmark/benchmark.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace misfit::bench {
namespace {

/// What one rank saw in one round.
enum Figure { total, compute, wait, communicate, calls, bytes, idle, figures };
using Sample = std::array<double, figures>;

void over_ranks(Sample& sample, MPI_Op op) {
  MPI_Allreduce(MPI_IN_PLACE, sample.data(), figures, MPI_DOUBLE, op, MPI_COMM_WORLD);
}

/// Until the first call of MPI a rank computes. From then on it waits for the rank that computes
/// longest, and after that it communicates. (Evaluations of misfit do not compute after they have
/// begun to communicate.)
Sample sample_of(const Exec& exec, const ScalingProblem& problem, Call call, double seconds) {
  detail::fence(exec, "misfit::bench: nothing left over from before");
  MPI_Barrier(MPI_COMM_WORLD);
  watch_mpi_calls();
  const std::clock_t cpu_start = std::clock();
  const double start = MPI_Wtime();
  if (simulated) charge(seconds);
  problem.run(call, Scope::global);
  detail::fence(exec, "misfit::bench: all work is in the time");
  const double end = MPI_Wtime();
  const double busy = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  const MpiCalls mpi = mpi_calls();

  const double computed = (mpi.count > 0 ? mpi.first : end) - start;
  double longest = computed;
  MPI_Allreduce(MPI_IN_PLACE, &longest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return {end - start,
          computed,
          longest - computed,
          std::max(0.0, end - start - longest),
          mpi.count,
          mpi.bytes,
          std::max(0.0, 1 - busy / (end - start))};
}

struct Study {
  int ranks = 1;
  int rounds = 21;
  std::vector<std::string> cases;
  std::map<std::string, double> rates;  // work a second, of FAMILY/CALL
  Link link;

  double rate(const ScalingCase& c) const {
    const std::string key = c.family + "/" + name_of(c.call);
    const auto found = rates.find(key);
    if (found == rates.end())
      throw std::invalid_argument("a simulation needs --rate=" + key + "=WORK_PER_SECOND");
    return found->second;
  }
};

/// The fastest program written by hand, in milliseconds; `times[k]` are those of the k-th.
double best_of(const std::vector<std::vector<double>>& times) {
  double best = 0;
  for (const auto& seconds : times) {
    const double ms = 1e3 * median_of(seconds).value;
    if (best == 0 || ms < best) best = ms;
  }
  return best;
}

void run_case(benchmark::State& state, const Study& study, const ScalingCase& c,
              const MakeProblem& make) {
  const Exec exec;
  const int operators = c.operators_of_all(study.ranks);
  const ScalingProblem problem = make(c, operators);
  const double work_here = problem.work(c.call, problem.operators_here);
  const double seconds = simulated ? work_here / study.rate(c) : 0;
  const std::unique_ptr<Triad> triad(simulated ? nullptr : new Triad(study.ranks));
  std::vector<std::function<void()>> twins;
  if (!simulated && study.ranks == 1 && c.call == Call::fn_and_grad) twins = problem.twins();

  problem.run(c.call, Scope::global);  // agrees on shapes, and allocates what it keeps
  for (const auto& twin : twins) twin();
  std::array<std::vector<double>, figures> most, mean;
  std::vector<double> triads;
  std::vector<std::vector<double>> twin_times(twins.size());
  for (auto _ : state) {
    Sample sample = sample_of(exec, problem, c.call, seconds), sum = sample;
    over_ranks(sample, MPI_MAX);
    over_ranks(sum, MPI_SUM);
    for (std::size_t f = 0; f < figures; ++f) {
      most[f].push_back(sample[f]);
      mean[f].push_back(sum[f] / study.ranks);
    }
    if (triad) triads.push_back(seconds_of(exec, [&] { triad->run(); }));
    for (std::size_t k = 0; k < twins.size(); ++k)
      twin_times[k].push_back(seconds_of(exec, twins[k]));
    state.SetIterationTime(sample[total]);
  }

  auto& counters = state.counters;
  const Median time = median_of(most[total]);
  counters["ms"] = 1e3 * time.value;
  counters["ms_low"] = 1e3 * time.low;
  counters["ms_high"] = 1e3 * time.high;
  const auto report = [&](const std::string& name, Figure f, double unit) {
    counters[name] = unit * median_of(most[f]).value;
    counters[name + "_mean"] = unit * median_of(mean[f]).value;
  };
  report("compute_ms", compute, 1e3);
  report("wait_ms", wait, 1e3);
  report("communicate_ms", communicate, 1e3);
  report("mpi_calls", calls, 1);
  report("mpi_bytes", bytes, 1);
  counters["load_balance"] = median_of(mean[compute]).value / median_of(most[compute]).value;
  double operators_most = problem.operators_here;
  MPI_Allreduce(MPI_IN_PLACE, &operators_most, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  const double work = problem.work(c.call, operators_most);
  counters["operators"] = operators;
  counters["operators_most"] = operators_most;
  counters["work"] = work;
  counters["work_rate"] = work / median_of(most[compute]).value;
  const double reduced = c.call == Call::fn ? sizeof(double) : problem.gradient_bytes;
  counters["reduced_bytes"] = reduced;
  if (study.ranks > 1) {
    const double bound = least_all_reduce_time(study.link, reduced, study.ranks);
    counters["bound_ms"] = 1e3 * bound;
    counters["bound_share"] = bound / median_of(most[communicate]).value;
  }
  // Ranks that wait are busy asking: one that gets less than its core shares it with others.
  if (!simulated && detail::on_host<Exec>) counters["core_share"] = 1 - median_of(most[idle]).value;
  if (triad) counters["machine_bandwidth"] = triad->bytes() / median_of(triads).value;
  if (!twins.empty()) counters["twin_ms"] = best_of(twin_times);
}

std::string in_full(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.17g", number);
  return text;
}

void register_cases(Study& study, int ranks) {
  study.ranks = ranks;
  if (study.cases.empty()) throw std::invalid_argument("no --case (see --help)");
  // All are looked at before any runs.
  std::vector<std::pair<ScalingCase, MakeProblem>> cases;
  for (const std::string& text : study.cases) {
    ScalingCase c = parse_case(text);
    MakeProblem make = family_named(c.family);
    if (simulated) study.rate(c);
    cases.emplace_back(std::move(c), std::move(make));
  }

  benchmark::AddCustomContext("simulated", simulated ? "yes" : "no");
  const Nodes nodes = count_nodes();
  benchmark::AddCustomContext("mpi_nodes", std::to_string(nodes.count));
  benchmark::AddCustomContext("mpi_ranks_per_node", std::to_string(nodes.most_ranks));
  if (ranks > 1) {
    study.link = measure_link();
    benchmark::AddCustomContext("latency_seconds", in_full(study.link.latency));
    benchmark::AddCustomContext("bytes_per_second", in_full(study.link.bandwidth));
  }
  for (const auto& [c, make] : cases) {
    benchmark::RegisterBenchmark(
        c.name.c_str(),
        [&study, c = c, make = make](auto& state) { run_case(state, study, c, make); })
        ->Iterations(study.rounds)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

/// FAMILY/CALL=NUMBER
bool take_rate(std::string_view argument, std::map<std::string, double>& rates) {
  constexpr std::string_view name = "--rate=";
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  const std::size_t equals = argument.rfind('=');
  if (equals == std::string_view::npos) return false;
  return parse(argument.substr(equals), "=", rates[std::string(argument.substr(0, equals))]);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  misfit::bench::Study study;
  return misfit::bench::run_program(
      argc, argv,
      {.usage = "  --case=FAMILY/SERIES/OPERATORS/SIZE/CALL\n"
                "                   runs it; may be given several times. SERIES: strong, or weak "
                "where OPERATORS\n"
                "                   is of each rank; CALL: fn, grad or fn_and_grad\n"
                "  --rounds=N       timed rounds of a case; default: 21\n"
                "  --rate=FAMILY/CALL=WORK_PER_SECOND\n"
                "                   in a simulation: how fast a rank computes\n",
       .take =
           [&](std::string_view argument) {
             constexpr std::string_view name = "--case=";
             if (argument.starts_with(name)) {
               study.cases.emplace_back(argument.substr(name.size()));
               return true;
             }
             return misfit::bench::parse(argument, "--rounds=", study.rounds) ||
                    misfit::bench::take_rate(argument, study.rates);
           },
       .register_cases = [&](int ranks) { misfit::bench::register_cases(study, ranks); }});
}
