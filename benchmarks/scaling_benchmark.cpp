// SPDX-License-Identifier: BSD-3-Clause

// One call of misfit on many ranks: how long it takes, and which part of it is computing, which
// communicating, which waiting for others. Runs under MPI and, compiled by smpicxx, in SimGrid.

#include "scaling/exchange.hpp"
#include "scaling/machine.hpp"
#include "scaling/samples.hpp"
#include "scaling/scaling_case.hpp"
#include "support/program.hpp"
#include "support/statistics.hpp"
#include "support/view_memory.hpp"

#include <benchmark/benchmark.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace misfit::bench {
namespace {

struct Study {
  int ranks = 1;
  int rounds = 21;
  std::vector<std::string> cases;
  std::map<std::string, double> rates;  // work a second, of FAMILY/CALL
  double sum_rate = 0;                  // bytes a second; at no cost if 0
  MachineModel machine;

  double rate(const ScalingCase& c) const {
    const std::string key = c.family + "/" + name_of(c.call);
    const auto found = rates.find(key);
    if (found == rates.end())
      throw std::invalid_argument("a simulation needs --rate=" + key + "=WORK_PER_SECOND");
    return found->second;
  }
};

Charges charges_of(const Study& study, const ScalingCase& c, const ScalingProblem& problem) {
  const double added = exchange_of(problem.plan, c).added();
  return {problem.work(c.call, problem.operators_here) / study.rate(c),
          study.sum_rate > 0 ? added / study.sum_rate : 0};
}

/// The fastest program written by hand, in milliseconds; `times[k]` are those of the k-th.
double best_of(const std::vector<std::vector<double>>& times) {
  double best = 0;
  for (const auto& seconds : times) {
    const double ms = 1e3 * median_of(seconds).value;
    if (best == 0 || ms < best) best = ms;
  }
  return best;
}

void report_times(benchmark::UserCounters& counters, const Samples& samples) {
  const Median time = median_of(samples.most[total]);
  counters["ms"] = 1e3 * time.value;
  counters["ms_low"] = 1e3 * time.low;
  counters["ms_high"] = 1e3 * time.high;
  const auto report = [&](const std::string& name, Figure f, double unit) {
    counters[name] = unit * median_of(samples.most[f]).value;
    counters[name + "_mean"] = unit * median_of(samples.mean[f]).value;
  };
  report("compute_ms", compute, 1e3);
  report("wait_ms", wait, 1e3);
  report("communicate_ms", communicate, 1e3);
  report("mpi_calls", calls, 1);
  report("mpi_bytes", bytes, 1);
  counters["load_balance"] =
      median_of(samples.mean[compute]).value / median_of(samples.most[compute]).value;
  // Ranks that wait are busy asking: one that gets less than its core shares it with others.
  if (!simulated && detail::on_host<Exec>)
    counters["core_share"] = 1 - median_of(samples.most[idle]).value;
}

/// What a rank has to do, by its share of the operators.
void report_work(benchmark::UserCounters& counters, const ScalingProblem& problem, Call call,
                 const Samples& samples) {
  const double operators_most = most_of_ranks(problem.operators_here);
  const double work = problem.work(call, operators_most);
  counters["operators_most"] = operators_most;
  counters["work"] = work;
  counters["work_rate"] = work / median_of(samples.most[compute]).value;
}

/// What the plan says of messages and memory, beside what was seen.
void report_plan(benchmark::UserCounters& counters, const Study& study, const ScalingCase& c,
                 const ScalingProblem& problem, const Samples& samples, double held) {
  const Exchange exchange = exchange_of(problem.plan, c);
  counters["reduced_bytes"] = exchange.summed;
  counters["exchanged_bytes"] = exchange.sent;
  if (study.ranks > 1 && c.series != Series::throughput) {
    const double bound = exchange.least_time(study.machine, study.ranks);
    counters["bound_ms"] = 1e3 * bound;
    counters["bound_share"] = bound / median_of(samples.most[communicate]).value;
  }
  double planned = 0;
  for (const RankPlan& rank : problem.plan.ranks)
    planned = std::max(planned, static_cast<double>(rank.memory_bytes));
  counters["planned_bytes"] = planned;
  counters["held_bytes"] = most_of_ranks(held);
  counters["operator_bytes"] = most_of_ranks(problem.operator_bytes);
}

/// What a model says of the placement, from what computing takes all ranks together: of values and
/// gradients.
void report_prediction(benchmark::UserCounters& counters, const Study& study, const ScalingCase& c,
                       const ScalingProblem& problem, int operators, const Samples& samples) {
  if (c.series == Series::throughput || c.call == Call::fn) return;
  ProblemSizes sizes = problem.sizes;
  sizes.costs.assign(static_cast<std::size_t>(operators),
                     median_of(samples.mean[compute]).value * study.ranks / operators);
  const PlacementPlan plan = PlacementPlan::choose(sizes, study.ranks, study.machine);
  const auto form = c.in_slabs()            ? Placement::Form::slabs
                    : c.form == Form::split ? Placement::Form::split
                                            : Placement::Form::replicated;
  const int members = c.form == Form::members ? study.ranks / c.ranks_per_member : 1;
  for (const Placement& placement : plan.candidates()) {
    if (placement.form != form || placement.members != members) continue;
    counters["predicted_ms"] = 1e3 * placement.seconds();
    counters["forecast_bytes"] = static_cast<double>(placement.memory);
  }
}

void run_case(benchmark::State& state, const Study& study, const ScalingCase& c,
              const MakeProblem& make) {
  const Exec exec;
  const int operators = c.operators_of_all(study.ranks);
  ViewMemory::forget();
  const ScalingProblem problem = make(c, operators);
  ViewMemory::start_of_peak();
  problem.run(c.call, Scope::global);  // agrees on shapes, and allocates what it keeps
  const double held = ViewMemory::most_held() - problem.operator_bytes;

  const Charges charges = simulated ? charges_of(study, c, problem) : Charges{};
  const std::unique_ptr<Triad> triad(simulated ? nullptr : new Triad(study.ranks));
  std::vector<std::function<void()>> twins;
  if (!simulated && study.ranks == 1 && c.call == Call::fn_and_grad && c.form == Form::replicated)
    twins = problem.twins();
  for (const auto& twin : twins) twin();

  Samples samples;
  std::vector<double> triads;
  std::vector<std::vector<double>> twin_times(twins.size());
  for (auto _ : state) {
    samples.add(sample_of(exec, problem, c, charges), study.ranks);
    if (triad) triads.push_back(seconds_of(exec, [&] { triad->run(); }));
    for (std::size_t k = 0; k < twins.size(); ++k)
      twin_times[k].push_back(seconds_of(exec, twins[k]));
    state.SetIterationTime(samples.most[total].back());
  }

  auto& counters = state.counters;
  counters["operators"] = operators;
  report_times(counters, samples);
  report_work(counters, problem, c.call, samples);
  report_plan(counters, study, c, problem, samples, held);
  report_prediction(counters, study, c, problem, operators, samples);
  if (triad) counters["machine_bandwidth"] = triad->bytes() / median_of(triads).value;
  if (!twins.empty()) counters["twin_ms"] = best_of(twin_times);
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

void register_cases(Study& study, int ranks) {
  study.ranks = ranks;
  ViewMemory::watch();
  if (study.cases.empty()) throw std::invalid_argument("no --case (see --help)");
  // All are looked at before any runs.
  std::vector<std::pair<ScalingCase, MakeProblem>> cases;
  for (const std::string& text : study.cases) {
    ScalingCase c = parse_case(text);
    MakeProblem make = maker_of(c);
    if (ranks % c.ranks_per_member != 0)
      throw std::invalid_argument("--case=" + text + ": " + std::to_string(ranks) +
                                  " ranks are no members of " + std::to_string(c.ranks_per_member));
    if (simulated) study.rate(c);
    cases.emplace_back(std::move(c), std::move(make));
  }

  benchmark::AddCustomContext("simulated", simulated ? "yes" : "no");
  const Nodes nodes = count_nodes();
  benchmark::AddCustomContext("mpi_nodes", std::to_string(nodes.count));
  benchmark::AddCustomContext("mpi_ranks_per_node", std::to_string(nodes.most_ranks));
  if (ranks > 1) add_links(study.machine = measure_machine());
  if (ranks > 1 && !simulated)
    benchmark::AddCustomContext("sum_bytes_per_second", in_full(measure_sum_rate()));
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
      {.usage =
           "  --case=FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM\n"
           "                   runs it; may be given several times. SERIES: strong; weak, "
           "where OPERATORS is of\n"
           "                   each rank or, in parts, the rows grow with the ranks; or "
           "throughput, where each\n"
           "                   rank has a problem of its own; CALL: fn, grad or fn_and_grad; "
           "FORM: replicated,\n"
           "                   split, slabs, or members_of_N: slabs over the N ranks of a "
           "member\n"
           "  --rounds=N       timed rounds of a case; default: 21\n"
           "  --rate=FAMILY/CALL=WORK_PER_SECOND\n"
           "                   in a simulation: how fast a rank computes\n"
           "  --sum_rate=BYTES_PER_SECOND\n"
           "                   in a simulation: how fast a rank adds what it is sent; default: "
           "at no cost\n",
       .take =
           [&](std::string_view argument) {
             constexpr std::string_view name = "--case=";
             if (argument.starts_with(name)) {
               study.cases.emplace_back(argument.substr(name.size()));
               return true;
             }
             return misfit::bench::parse(argument, "--rounds=", study.rounds) ||
                    misfit::bench::parse(argument, "--sum_rate=", study.sum_rate) ||
                    misfit::bench::take_rate(argument, study.rates);
           },
       .register_cases = [&](int ranks) { misfit::bench::register_cases(study, ranks); }});
}
