// SPDX-License-Identifier: BSD-3-Clause
#include "problem/memory.hpp"

#include "problem/text.hpp"

#include <misfit/placement.hpp>

#include <mpi.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

namespace misfit::study {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

/// The number that a file of the system holds; `unknown` if it holds none, as "max".
double number_in(const char* path) {
  std::ifstream file(path);
  double number = 0;
  return file >> number ? number : unknown;
}

/// What a container holds of files that nobody has read of late, and gives back where it needs
/// memory [bytes].
double given_back() {
  std::ifstream file("/sys/fs/cgroup/memory.stat");
  double bytes = 0;
  for (std::string name; file >> name >> bytes;)
    if (name == "inactive_file") return bytes;
  return 0;
}

/// Of this node, in bytes: what the system says is free, or what a container may still take.
double free_on_node() {
  double there = unknown;
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    double kibibytes = 0;
    if (word == "MemAvailable:" && file >> kibibytes) there = 1024 * kibibytes;
  }
  const double most = number_in("/sys/fs/cgroup/memory.max");
  if (most < unknown)
    there = std::min(there, most - number_in("/sys/fs/cgroup/memory.current") + given_back());
  return there;
}

/// Of a rank, the least of all; 0 if it is not known.
double free_for_rank(const bench::Nodes& nodes) {
  if (!detail::on_host<bench::Exec>) return 0;
  double there = free_on_node() / nodes.most_ranks;
  MPI_Allreduce(MPI_IN_PLACE, &there, 1, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
  return there < unknown ? std::max(there, 1.0) : 0;
}

/// Forms that need less than `there`, but for that of `c`.
std::string others_that_fit(const Options& options, const PlacementPlan& plan, double there) {
  std::string text;
  for (const Placement& placement : plan.candidates()) {
    const auto form = placement.form == Placement::Form::slabs   ? "slabs"
                      : placement.form == Placement::Form::split ? "split"
                                                                 : "replicated";
    const auto forms = forms_of(options.problem);
    if (placement.members == 1 && form != options.form &&
        static_cast<double>(placement.memory) <= there &&
        std::find(forms.begin(), forms.end(), form) != forms.end())
      text += std::string("; --form ") + form + " would need " +
              bytes_text(static_cast<double>(placement.memory));
  }
  return text;
}

}  // namespace

Memory memory_for(const Options& options, int ranks, const bench::Nodes& nodes) {
  const bench::ScalingCase c = options.case_of(options.calls.front());
  ProblemSizes sizes = bench::family_of(c).sizes(c);
  sizes.costs.assign(static_cast<std::size_t>(options.operators), 1);
  const PlacementPlan plan = PlacementPlan::choose(sizes, ranks, MachineModel{});

  Memory memory{0, options.memory > 0 ? options.memory : free_for_rank(nodes)};
  for (const Placement& placement : plan.candidates())
    if (c.is_placed_by(placement, ranks)) memory.forecast = static_cast<double>(placement.memory);
  if (memory.there > 0 && memory.forecast > memory.there)
    throw std::invalid_argument("a rank would need " + bytes_text(memory.forecast) +
                                " of memory, and has " + bytes_text(memory.there) +
                                others_that_fit(options, plan, memory.there));
  return memory;
}

}  // namespace misfit::study
