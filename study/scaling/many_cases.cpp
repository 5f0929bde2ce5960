// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/many_cases.hpp"

#include "scaling/case_run.hpp"
#include "scaling/machine.hpp"
#include "scaling/scaling_case.hpp"
#include "support/program.hpp"
#include "support/statistics.hpp"
#include "support/view_memory.hpp"

#include <benchmark/benchmark.h>
#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace misfit::bench {
namespace {

/// The fastest program written by hand, in milliseconds; `times[k]` are those of the k-th.
double best_of(const std::vector<std::vector<double>>& times) {
  double best = 0;
  for (const auto& seconds : times) {
    const double ms = 1e3 * median_of(seconds).value;
    if (best == 0 || ms < best) best = ms;
  }
  return best;
}

void run_case(benchmark::State& state, const Settings& settings, const ScalingCase& c,
              const MakeProblem& make) {
  const Exec exec;
  ViewMemory::forget();
  const ScalingProblem problem = make(c, c.operators_of_all(settings.ranks));
  CaseRun run(settings, c, problem);

  const std::unique_ptr<Triad> triad(
      simulated ? nullptr : new Triad(settings.ranks, settings.machine.ranks_per_node));
  std::vector<std::function<void()>> hand_written;
  if (!simulated && settings.ranks == 1 && c.call == Call::fn_and_grad &&
      c.form == Form::replicated)
    hand_written = problem.hand_written();
  for (const auto& program : hand_written) program();

  std::vector<double> triads;
  std::vector<std::vector<double>> hand_written_times(hand_written.size());
  for (auto _ : state) {
    state.SetIterationTime(run.round());
    if (triad) triads.push_back(seconds_of(exec, [&] { triad->run(); }));
    for (std::size_t k = 0; k < hand_written.size(); ++k)
      hand_written_times[k].push_back(seconds_of(exec, hand_written[k]));
  }

  for (const auto& [name, figure] : run.figures()) state.counters[name] = figure;
  if (triad) state.counters["machine_bandwidth"] = triad->bytes() / median_of(triads).value;
  if (!hand_written.empty()) state.counters["hand_written_ms"] = best_of(hand_written_times);
}

std::string in_full(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.17g", number);
  return text;
}

/// What the bounds are computed with; the longest link under the names without a place.
void add_links(const MachineModel& machine) {
  const auto add = [](const std::string& place, const Link& link) {
    benchmark::AddCustomContext(place + "latency_seconds", in_full(link.latency));
    benchmark::AddCustomContext(place + "bytes_per_second", in_full(link.bandwidth));
  };
  const bool several = std::isfinite(machine.between_nodes.bandwidth);
  add("", several ? machine.between_nodes : machine.in_node);
  if (several && machine.ranks_per_node > 1) add("in_node_", machine.in_node);
}

/// What the command line says.
struct Asked {
  Settings settings;
  std::vector<std::string> cases;
};

void register_cases(Asked& asked, int ranks) {
  Settings& settings = asked.settings;
  settings.ranks = ranks;
  ViewMemory::watch();
  // All are looked at before any runs.
  std::vector<std::pair<ScalingCase, MakeProblem>> cases;
  for (const std::string& text : asked.cases) {
    ScalingCase c = parse_case(text);
    MakeProblem make = family_of(c).make;
    if (ranks % c.ranks_per_member != 0)
      throw std::invalid_argument("--case=" + text + ": " + std::to_string(ranks) +
                                  " ranks are no members of " + std::to_string(c.ranks_per_member));
    if (simulated) settings.rate(c);
    cases.emplace_back(std::move(c), std::move(make));
  }

  benchmark::AddCustomContext("simulated", simulated ? "yes" : "no");
  const Nodes nodes = count_nodes();
  benchmark::AddCustomContext("mpi_nodes", std::to_string(nodes.count));
  benchmark::AddCustomContext("mpi_ranks_per_node", std::to_string(nodes.most_ranks));
  if (ranks > 1) add_links(settings.machine = measure_machine());
  if (ranks > 1 && !simulated)
    benchmark::AddCustomContext("sum_bytes_per_second", in_full(measure_sum_rate()));
  for (const auto& [c, make] : cases) {
    benchmark::RegisterBenchmark(
        c.name.c_str(),
        [&settings, c = c, make = make](auto& state) { run_case(state, settings, c, make); })
        ->Iterations(settings.rounds)
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

const char* const usage =
    "  --case=FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM\n"
    "                   runs it; may be given several times. SERIES: strong; weak, where OPERATORS "
    "is of\n"
    "                   each rank or, in parts, the rows grow with the ranks; or throughput, where "
    "each\n"
    "                   rank has a problem of its own; CALL: fn, grad or fn_and_grad; FORM: "
    "replicated,\n"
    "                   split, slabs, or members_of_N: slabs over the N ranks of a member\n"
    "  --rounds=N       timed rounds of a case; default: 21\n"
    "  --rate=FAMILY/CALL=WORK_PER_SECOND\n"
    "                   in a simulation: how fast a rank computes\n"
    "  --sum_rate=BYTES_PER_SECOND\n"
    "                   in a simulation: how fast a rank adds what it is sent; default: at no "
    "cost\n";

bool take(std::string_view argument, Asked& asked) {
  if (argument.starts_with(case_option)) {
    asked.cases.emplace_back(argument.substr(case_option.size()));
    return true;
  }
  return parse(argument, "--rounds=", asked.settings.rounds) ||
         parse(argument, "--sum_rate=", asked.settings.sum_rate) ||
         take_rate(argument, asked.settings.rates);
}

}  // namespace

int run_many_cases(int argc, char* argv[]) {
  Asked asked;
  return run_program(argc, argv,
                     {.usage = usage,
                      .take = [&](std::string_view argument) { return take(argument, asked); },
                      .register_cases = [&](int ranks) { register_cases(asked, ranks); }});
}

}  // namespace misfit::bench
