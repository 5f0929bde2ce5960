// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One case: what misfit does, beside the least that must be done and beside what one would write by
// hand, in rounds. Each round runs all of them, in turn forwards and backwards, and ratios are
// taken within a round: what drifts between rounds is in both.

#include "support/options.hpp"
#include "support/peers.hpp"
#include "support/problem.hpp"
#include "support/statistics.hpp"
#include "support/timing.hpp"
#include "support/view_memory.hpp"

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace misfit::bench {

struct Step {
  std::string name;
  std::function<void()> run;
  /// Its own seconds of a run, where that is a program of its own.
  std::function<double()> clock = nullptr;
};

/// What is measured. All runs are collective.
struct Case {
  std::function<void()> ours;       ///< end to end
  std::function<void()> computing;  ///< ours without communication
  Step bound;                       ///< a lower bound of `computing`: moves the same bytes, say
  Step other_bound;                 ///< another, where now one, now the other takes longer
  std::function<std::vector<Step>()> others;  ///< makes what ours is compared with, end to end
  double bytes = 0;                           ///< the fewest that all ranks together must move
  double flops = 0;                           ///< of all ranks, where they can be the limit
  double least_memory = 0;  ///< of this rank: operators, y, x, g and one workspace [bytes]
  int ranks = 1;
  bool warm = false;  ///< each run is timed right behind one that has filled the cache for it
};

/// What a call allocates each time, and the most that it and what it keeps held [bytes].
struct MemoryUse {
  std::size_t allocations;
  double held;
};

inline MemoryUse memory_of(const std::function<void()>& call) {
  ViewMemory::start_of_peak();
  call();  // allocates what it keeps
  const std::size_t before = ViewMemory::allocations();
  call();
  return {ViewMemory::allocations() - before, ViewMemory::most_held()};
}

/// Ours end to end, ours without communication, the lower bounds that there are, and the others.
inline std::vector<Step> steps_of(const Case& c) {
  std::vector<Step> steps{{"", c.ours}, {"", c.computing}};
  if (c.bound.run) steps.push_back(c.bound);
  if (c.other_bound.run) steps.push_back(c.other_bound);
  for (Step& other : c.others()) steps.push_back(std::move(other));
  return steps;
}

/// The seconds of all steps, by step and round.
using Times = std::vector<std::vector<double>>;

/// Runs all steps once in each round.
inline Times timed(benchmark::State& state, const Exec& exec, const std::vector<Step>& steps,
                   bool warm) {
  for (const Step& step : steps) step.run();
  Times times(steps.size());
  for (auto _ : state) {
    const bool backwards = times[0].size() % 2 == 1;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const std::size_t s = backwards ? steps.size() - 1 - k : k;
      if (warm) steps[s].run();
      times[s].push_back(steps[s].clock ? steps[s].clock() : seconds_of(exec, steps[s].run));
    }
    state.SetIterationTime(times[0].back());
  }
  return times;
}

inline void report_median(benchmark::State& state, const std::string& name,
                          const std::vector<double>& samples) {
  const Median m = median_of(samples);
  state.counters[name] = m.value;
  state.counters[name + "_low"] = m.low;
  state.counters[name + "_high"] = m.high;
}

/// The times of ours, and the rates that follow; on one rank there is no communication.
inline void report_times(benchmark::State& state, const Case& c, const Times& times) {
  const double total = median_of(times[0]).value, computing = median_of(times[1]).value;
  state.counters["ms"] = 1e3 * total;
  state.counters["compute_ms"] = 1e3 * computing;
  if (c.ranks > 1) {
    std::vector<double> differences;
    for (std::size_t r = 0; r < times[0].size(); ++r)
      differences.push_back(1e3 * (times[0][r] - times[1][r]));
    report_median(state, "communicate_ms", differences);
  }
  if (c.bytes > 0) {
    state.counters["bytes"] = c.bytes;
    state.counters["bandwidth"] = c.bytes / computing;
  }
  if (c.flops > 0) state.counters["flop_rate"] = c.flops / computing;
}

/// The median over the rounds of one step's time over another's, with its interval.
inline void report_ratio(benchmark::State& state, const std::string& name,
                         const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> ratios;
  for (std::size_t r = 0; r < above.size(); ++r) ratios.push_back(above[r] / below[r]);
  report_median(state, name, ratios);
}

/// In each round, the longer of two times.
inline std::vector<double> longer(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t r = 0; r < a.size(); ++r) a[r] = std::max(a[r], b[r]);
  return a;
}

/// Runs `c` and reports it: `state` takes the times end to end.
inline void run_case(benchmark::State& state, const Exec& exec, const Case& c) {
  const MemoryUse memory = memory_of(c.ours);
  const std::vector<Step> steps = steps_of(c);
  for (const Step& step : steps)
    if (!step.run) return state.SkipWithError((step.name + " differs from ours").c_str());
  const Times times = timed(state, exec, steps, c.warm);

  report_times(state, c, times);
  const std::size_t first_other = 2 + (c.bound.run ? 1 : 0) + (c.other_bound.run ? 1 : 0);
  for (std::size_t s = 2; s < first_other; ++s)
    report_ratio(state, steps[s].name, times[s], times[1]);
  if (first_other == 4) report_ratio(state, "nearer_bound", longer(times[2], times[3]), times[1]);
  for (std::size_t s = first_other; s < steps.size(); ++s)
    report_ratio(state, steps[s].name, times[s], times[0]);
  state.counters["allocations"] = static_cast<double>(memory.allocations);
  if (c.least_memory > 0) state.counters["memory"] = memory.held / c.least_memory;
}

/// Hands a problem's arrays to peers. Families that have some overload it.
template <typename P>
PeerCase tell_peers(const Peers&, const P&) {
  return {};
}

/// Adds what peers take for `problem`; one that does not give the same has nothing to run.
template <typename T, typename P>
void add_peers(std::vector<Step>& steps, Peers& peers, const P& problem) {
  peers.start_case();
  const PeerCase described = tell_peers(peers, problem);
  if (described.family.empty()) return;
  peers.write("x", problem.x);
  peers.write_each("y", problem, [&](std::size_t k, int) { return problem.y[k]; });
  const Numbers<T> gradient("gradient", problem.x.extent(0));
  for (const std::string& peer :
       peers.take(described, name_of<T>(), problem.operators.size(), inverse_variance)) {
    const double value = peers.value_of(peer);
    peers.read_gradient(gradient);
    const auto clock = [&peers, peer] { return peers.seconds_of(peer); };
    steps.push_back({"peer_" + peer, clock, clock});
    if (!problem.agrees(value, gradient)) steps.back().run = nullptr;
  }
}

/// What fn_and_grad is compared with: grad alone, hand-written programs and peers, each checked to
/// give the same; one that does not has nothing to run.
template <typename T, typename P>
std::vector<Step> compared(const P& problem, const std::vector<HandWritten<T>>& programs,
                           Peers* peers) {
  std::vector<Step> steps{
      {"grad_over_fn_and_grad", [&] { problem.run(Call::grad, Scope::global); }}};
  const Numbers<T> gradient("gradient", problem.x.extent(0));
  for (const HandWritten<T>& program : programs) {
    steps.push_back(
        {"hand_written_" + program.name, [=, &problem] { program.run(problem.exec, gradient); }});
    if (!problem.agrees(program.run(problem.exec, gradient), gradient)) steps.back().run = nullptr;
  }
  if (peers != nullptr) add_peers<T>(steps, *peers, problem);
  return steps;
}

/// Registers `make()`'s problem under `name`, with all three calls. `describe(case, problem, call)`
/// adds lower bound, bytes and memory; `programs(problem)` are compared with fn_and_grad.
template <typename T, typename Make, typename Describe, typename Programs>
void register_problem(const Options& options, const std::string& name, Make make, Describe describe,
                      Programs programs) {
  for (const Call call : {Call::fn_and_grad, Call::grad, Call::fn}) {
    if (options.quick && call == Call::fn) continue;
    if (options.only_fn_and_grad && call != Call::fn_and_grad) continue;
    const auto run = [=](benchmark::State& state) {
      ViewMemory::forget();
      const auto problem = make();
      Case c;
      c.ranks = options.ranks;
      c.ours = [&] { problem->run(call, Scope::global); };
      c.computing = [&] { problem->run(call, Scope::local); };
      describe(c, *problem, call);
      c.others = [&] {
        return call == Call::fn_and_grad
                   ? compared<T>(*problem, programs(*problem), options.peers.get())
                   : std::vector<Step>();
      };
      run_case(state, problem->exec, c);
    };
    benchmark::RegisterBenchmark((name + "/" + name_of(call)).c_str(), run)
        ->Iterations(options.rounds)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace misfit::bench
