// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/case_run.hpp"

#include "scaling/exchange.hpp"
#include "support/statistics.hpp"
#include "support/view_memory.hpp"

#include <algorithm>
#include <stdexcept>

namespace misfit::bench {

double Settings::rate(const ScalingCase& c) const {
  const std::string key = c.family + "/" + name_of(c.call);
  const auto found = rates.find(key);
  if (found == rates.end())
    throw std::invalid_argument("a simulation needs --rate=" + key + "=WORK_PER_SECOND");
  return found->second;
}

namespace {

Charges charges_of(const Settings& settings, const ScalingCase& c, const ScalingProblem& problem) {
  const double added = exchange_of(problem.plan, c).added();
  return {problem.work(c.call, problem.operators_here) / settings.rate(c),
          settings.sum_rate > 0 ? added / settings.sum_rate : 0};
}

}  // namespace

CaseRun::CaseRun(const Settings& settings, const ScalingCase& c, const ScalingProblem& problem)
    : settings_(settings), case_(c), problem_(problem) {
  ViewMemory::start_of_peak();
  problem.run(c.call, Scope::global);
  held_ = ViewMemory::most_held() - problem.operator_bytes;
  if (simulated) charges_ = charges_of(settings, c, problem);
}

double CaseRun::round() {
  samples_.add(sample_of(exec_, problem_, case_, charges_), settings_.ranks);
  return samples_.most[total].back();
}

std::map<std::string, double> CaseRun::figures() const {
  Figures figures{{"operators", case_.operators_of_all(settings_.ranks)}};
  add_times(figures);
  add_work(figures);
  add_plan(figures);
  add_prediction(figures);
  return figures;
}

void CaseRun::add_times(Figures& figures) const {
  const Median time = median_of(samples_.most[total]);
  figures["ms"] = 1e3 * time.value;
  figures["ms_low"] = 1e3 * time.low;
  figures["ms_high"] = 1e3 * time.high;
  const auto add = [&](const std::string& name, Figure f, double unit) {
    figures[name] = unit * median_of(samples_.most[f]).value;
    figures[name + "_mean"] = unit * median_of(samples_.mean[f]).value;
  };
  add("compute_ms", compute, 1e3);
  add("wait_ms", wait, 1e3);
  add("communicate_ms", communicate, 1e3);
  add("mpi_calls", calls, 1);
  add("mpi_bytes", bytes, 1);
  figures["load_balance"] =
      median_of(samples_.mean[compute]).value / median_of(samples_.most[compute]).value;
  // Ranks that wait are busy asking: one that gets less than its core shares it with others. What
  // the processor counts of several threads does not tell.
  if (!simulated && detail::on_host<Exec> && Exec().concurrency() == 1)
    figures["core_share"] = 1 - median_of(samples_.most[idle]).value;
}

/// What a rank has to do, by its share of the operators.
void CaseRun::add_work(Figures& figures) const {
  const double operators_most = most_of_ranks(problem_.operators_here);
  const double work = problem_.work(case_.call, operators_most);
  figures["operators_most"] = operators_most;
  figures["work"] = work;
  figures["work_rate"] = work / median_of(samples_.most[compute]).value;
}

/// What the plan says of messages and memory, beside what was seen.
void CaseRun::add_plan(Figures& figures) const {
  const Exchange exchange = exchange_of(problem_.plan, case_);
  figures["reduced_bytes"] = exchange.summed;
  figures["exchanged_bytes"] = exchange.sent;
  if (settings_.ranks > 1 && case_.series != Series::throughput) {
    const double bound = exchange.least_time(settings_.machine, settings_.ranks);
    figures["bound_ms"] = 1e3 * bound;
    figures["bound_share"] = bound / median_of(samples_.most[communicate]).value;
  }
  double planned = 0;
  for (const RankPlan& rank : problem_.plan.ranks)
    planned = std::max(planned, static_cast<double>(rank.memory_bytes));
  figures["planned_bytes"] = planned;
  figures["held_bytes"] = most_of_ranks(held_);
  figures["operator_bytes"] = most_of_ranks(problem_.operator_bytes);
}

/// What a model says of the placement, from what computing takes all ranks together: of values and
/// gradients.
void CaseRun::add_prediction(Figures& figures) const {
  if (case_.series == Series::throughput || case_.call == Call::fn) return;
  const int operators = case_.operators_of_all(settings_.ranks);
  ProblemSizes sizes = problem_.sizes;
  sizes.costs.assign(static_cast<std::size_t>(operators),
                     median_of(samples_.mean[compute]).value * settings_.ranks / operators);
  const PlacementPlan plan = PlacementPlan::choose(sizes, settings_.ranks, settings_.machine);
  for (const Placement& placement : plan.candidates()) {
    if (!case_.is_placed_by(placement, settings_.ranks)) continue;
    figures["predicted_ms"] = 1e3 * placement.seconds();
    figures["forecast_bytes"] = static_cast<double>(placement.memory);
  }
}

}  // namespace misfit::bench
