// SPDX-License-Identifier: BSD-3-Clause
#include "text_table.hpp"

#include <misfit/detail/collectives/reduction_buffer.hpp>
#include <misfit/error.hpp>
#include <misfit/placement.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace misfit {

namespace {

// Sums of less travel with the messages by which ranks agree.
constexpr auto along = static_cast<double>(detail::ReductionBuffer::alone);

double log2_up(int n) { return std::ceil(std::log2(static_cast<double>(n))); }
int divided_up(int n, int by) { return (n + by - 1) / by; }
// What is too much for 64 bits is too much for a rank.
std::int64_t whole_bytes(double bytes) {
  return static_cast<std::int64_t>(std::ceil(std::min(bytes, 9.2e18)));
}

/// Some of the ranks: `width` of each of `nodes` nodes.
struct Group {
  int width, nodes;
};

Group group_of(int ranks, int ranks_per_node) {
  const int width = std::min(ranks, ranks_per_node);
  return {width, divided_up(ranks, width)};
}

/// Ranks meet in fours: three messages at once. Those of a node have consecutive numbers.
double agreement(const MachineModel& machine, const Group& group, double bytes) {
  const double levels = log2_up(group.width) + log2_up(group.nodes);
  const double in_node =
      group.nodes == 1 ? std::ceil(levels / 2) : std::floor(log2_up(group.width) / 2);
  return in_node * machine.in_node.seconds(3 * bytes) +
         (std::ceil(levels / 2) - in_node) * machine.between_nodes.seconds(3 * bytes);
}

/// `at_once`: how many groups sum as many bytes over the same links between nodes.
double sum_of(const MachineModel& machine, const Group& group, double bytes, int at_once) {
  const auto level = [&](const Link& link, int summands, double moved) {
    return 2 * log2_up(summands) * link.latency +
           2.0 * (summands - 1) / summands * moved / link.bandwidth;
  };
  return level(machine.in_node, group.width, bytes) +
         level(machine.between_nodes, group.nodes, bytes * at_once);
}

double largest_load(std::vector<double> costs, int ranks) {
  std::sort(costs.begin(), costs.end(), std::greater<>());
  std::priority_queue<double, std::vector<double>, std::greater<>> loads(
      std::greater<>(), std::vector<double>(static_cast<std::size_t>(ranks), 0.0));
  double largest = 0;
  for (const double cost : costs) {
    const double load = loads.top() + cost;
    loads.pop();
    loads.push(load);
    largest = std::max(largest, load);
  }
  return largest;
}

/// The candidates of one problem.
class Model {
 public:
  Model(const ProblemSizes& sizes, int ranks, const MachineModel& machine)
      : sizes_(sizes),
        ranks_(ranks),
        machine_(machine),
        count_(static_cast<int>(sizes.costs.size())),
        total_(std::accumulate(sizes.costs.begin(), sizes.costs.end(), 0.0)),
        entry_(static_cast<double>(sizes.entry_bytes)),
        image_(static_cast<double>(sizes.image.size()) * entry_),
        measured_(static_cast<double>(sizes.measured) * entry_),
        work_(sizes.work_bytes ? static_cast<double>(*sizes.work_bytes) : measured_) {}

  Placement replicated() const {
    const int here = divided_up(count_, ranks_);
    Placement placement;
    placement.compute = largest_load(sizes_.costs, ranks_);
    placement.exchange = whole_gradient();
    return with_memory(placement, 2 * image_ + data(here, 1) + received(image_, ranks_));
  }

  Placement split() const {
    Placement placement;
    placement.form = Placement::Form::split;
    placement.compute = total_ / ranks_;
    placement.exchange = whole_gradient();
    return with_memory(placement, 2 * image_ + data(1, static_cast<double>(count_) / ranks_) +
                                      received(image_, ranks_));
  }

  Placement in_slabs(int members) const {
    Placement placement;
    placement.form = Placement::Form::slabs;
    placement.members = members;
    placement.slabs = ranks_ / members;
    const auto rows = static_cast<double>(sizes_.image[sizes_.dimension]);
    const double share = std::ceil(rows / placement.slabs) / rows;
    placement.compute = largest_load(sizes_.costs, members) * share;

    // One slab has ghost rows too, where the first row of the image follows its last; else there
    // are none but those of other slabs.
    const bool alone = placement.slabs == 1;
    const double ghosts = image_ / rows * ghost_rows(rows, std::ceil(rows / placement.slabs));
    const double sent = alone ? 0 : ghosts;
    const Group all = group_of(ranks_, machine_.ranks_per_node);
    const Link& to_neighbour = all.nodes > 1 ? machine_.between_nodes : machine_.in_node;
    placement.exchange = agreement(machine_, all, sizeof(double));
    if (sent > 0) placement.exchange += 2 * to_neighbour.seconds(sent);
    if (members > 1) placement.exchange += over_members(placement, image_ * share);

    const double extended = ghosts > 0 ? 2 * (image_ * share + ghosts) + 2 * sent : 0;
    return with_memory(placement, 2 * image_ * share + extended +
                                      data(divided_up(count_, members), share) +
                                      received(image_ * share, members));
  }

 private:
  /// Of a slab of `own` rows of so many.
  double ghost_rows(double rows, double own) const {
    const auto before = static_cast<double>(sizes_.halo.before);
    const auto after = static_cast<double>(sizes_.halo.after);
    if (sizes_.halo.circular) return before + after;
    const double others = rows - own;
    return std::min(std::min(before, others) + std::min(after, others), others);
  }
  /// Of `operators`, and of a rank's share of each: measurements, work, and what they hold.
  double data(int operators, double share) const {
    return operators * share * (measured_ + static_cast<double>(sizes_.operator_bytes)) +
           std::min(1.0, share) * work_;
  }
  /// Where what a rank receives waits until it is added.
  static double received(double bytes, int ranks) {
    const auto whole = static_cast<std::size_t>(whole_bytes(bytes));
    return static_cast<double>(detail::ReductionBuffer::scratch_bytes(whole, ranks));
  }
  double whole_gradient() const {
    const Group all = group_of(ranks_, machine_.ranks_per_node);
    if (image_ < along) return agreement(machine_, all, image_);
    return agreement(machine_, all, sizeof(double)) + sum_of(machine_, all, image_, 1);
  }
  /// The sum of one piece of the gradient over the ranks that have it, one in each member.
  double over_members(const Placement& placement, double bytes) const {
    const int in_node = std::max(1, machine_.ranks_per_node / placement.slabs);
    const Group with_piece = group_of(placement.members, in_node);
    const int at_once = std::min(placement.slabs, machine_.ranks_per_node);
    return sum_of(machine_, with_piece, bytes, at_once);
  }
  Placement with_memory(Placement placement, double bytes) const {
    placement.memory = whole_bytes(bytes);
    placement.fits = bytes <= machine_.memory;
    return placement;
  }

  const ProblemSizes& sizes_;
  int ranks_;
  const MachineModel& machine_;
  int count_;
  double total_, entry_, image_, measured_, work_;
};

void require(bool good, const char* what) {
  if (!good) throw ArgumentError(std::string("PlacementPlan: ") + what);
}

void require_sense(const ProblemSizes& sizes, int ranks, const MachineModel& machine) {
  require(ranks >= 1, "ranks: at least 1");
  require(machine.ranks_per_node >= 1, "ranks_per_node: at least 1");
  for (const Link& link : {machine.in_node, machine.between_nodes}) {
    require(link.latency >= 0 && std::isfinite(link.latency), "a latency: 0 or more seconds");
    require(link.bandwidth > 0, "a bandwidth: more than 0 bytes a second");
  }
  require(machine.memory > 0, "memory: more than 0 bytes");
  require(!sizes.costs.empty(), "costs: one for each operator, and at least one operator");
  for (const double cost : sizes.costs)
    require(cost >= 0 && std::isfinite(cost), "costs: 0 or more seconds");
  require(sizes.dimension < sizes.image.rank(), "dimension: there is none of this number");
  require(sizes.entry_bytes > 0, "entry_bytes: at least 1");
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", 1e3 * seconds);
  return text;
}

}  // namespace

std::string Placement::text() const {
  if (form == Form::replicated) return "replicated";
  if (form == Form::split) return "split";
  const auto count = [](int n, const char* word) {
    return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
  };
  return (members == 1 ? "" : count(members, "member") + " x ") + count(slabs, "slab");
}

PlacementPlan PlacementPlan::choose(const ProblemSizes& sizes, int ranks,
                                    const MachineModel& machine) {
  require_sense(sizes, ranks, machine);
  const Model model(sizes, ranks, machine);
  PlacementPlan plan;
  plan.ranks_ = ranks;
  plan.candidates_.push_back(model.replicated());
  if (sizes.splittable) plan.candidates_.push_back(model.split());
  const int most = std::min(ranks, static_cast<int>(sizes.costs.size()));
  for (int members = 1; sizes.cuttable && members <= most; ++members)
    if (ranks % members == 0 && (members < ranks || ranks == 1))
      plan.candidates_.push_back(model.in_slabs(members));

  // Of two that are as fast the simpler one, which stands first, stays first.
  std::stable_sort(plan.candidates_.begin(), plan.candidates_.end(),
                   [](const Placement& a, const Placement& b) {
                     return std::pair(!a.fits, a.seconds()) < std::pair(!b.fits, b.seconds());
                   });
  if (!plan.chosen().fits) {
    std::int64_t least = plan.chosen().memory;
    for (const Placement& placement : plan.candidates_) least = std::min(least, placement.memory);
    throw ArgumentError("PlacementPlan: a rank would need at least " + detail::size_text(least) +
                        " of memory, and has " + detail::size_text(whole_bytes(machine.memory)));
  }
  return plan;
}

std::string PlacementPlan::text() const {
  std::vector<std::vector<std::string>> lines{
      {"placement", "compute [ms]", "exchange [ms]", "together [ms]", "memory", ""}};
  for (const Placement& placement : candidates_)
    lines.push_back({placement.text(), milliseconds(placement.compute),
                     milliseconds(placement.exchange), milliseconds(placement.seconds()),
                     detail::size_text(placement.memory), placement.fits ? "" : "does not fit"});
  lines[1].back() = "chosen";
  return "on " + std::to_string(ranks_) + (ranks_ == 1 ? " rank\n" : " ranks\n") +
         detail::table_text(lines);
}

}  // namespace misfit
