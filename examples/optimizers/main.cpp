// SPDX-License-Identifier: BSD-3-Clause

// One tomography by several optimisers: FISTA, ordered subsets, and, where CMake found them, TAO
// and ROL. A table of what each needs, and a chart of the objective over data passes and time.
// The volume is cut into slabs, or whole on every rank.

#include "../support/arguments.hpp"
#include "../support/chart.hpp"
#include "../support/output.hpp"
#include "methods.hpp"

#include <misfit/run.hpp>

#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr double near[] = {1e-4, 1e-6};  ///< of the way down, that are left
constexpr double least_drawn = 1e-9;     ///< below, the least f that was found is not least enough

const char* const usage =
    "usage: optimizers [OPTION]...\n"
    "\n"
    "Counts photons behind a phantom, and computes it from the counts by several optimisers, on\n"
    "the ranks of mpirun.\n"
    "\n"
    "  --volume HOW  slabs: each rank has some slices, and their part of all projections; or\n"
    "                whole: each rank has all slices, and some projections; default slabs\n"
    "  --slices N    default 2\n"
    "  --pixels N    rows and columns of a slice; default 48\n"
    "  --angles N    over half a turn, in 12 operators; default 60\n"
    "  --passes N    over the data, at most, for the gradient methods; default 150\n"
    "  --output DIR  where chart.svg goes; default example_output/optimizers\n";

std::vector<Run> all_runs(const Scan& scan, int passes) {
  std::vector<Run> runs{by_accelerated_gradient(scan, passes), by_ordered_subsets(scan, passes)};
  const auto add = [&](const std::vector<Run>& some) {
    runs.insert(runs.end(), some.begin(), some.end());
  };
#ifdef MISFIT_TAO
  add(by_tao(scan, passes));
#endif
#ifdef MISFIT_ROL
  add(by_rol(scan, passes));
#endif
  static_cast<void>(add);
  return runs;
}

/// What is left of the way from f at x = 0 to the least f that any method found.
class Descent {
 public:
  explicit Descent(const std::vector<Run>& runs) : least_(runs[0].samples()[0].objective) {
    start_ = least_;
    for (const Run& run : runs)
      for (const Sample& sample : run.samples()) least_ = std::min(least_, sample.objective);
  }
  double least() const { return least_; }
  double left(const Sample& sample) const {
    return (sample.objective - least_) / (start_ - least_);
  }

 private:
  double start_, least_;
};

/// What a method needed until only `left` of the way was left.
void print_costs(const Run& run, const Descent& descent, double left) {
  const auto& samples = run.samples();
  const auto found = std::find_if(samples.begin(), samples.end(), [&](const Sample& sample) {
    return descent.left(sample) <= left;
  });
  if (found == samples.end())
    std::printf(" | %37s", "not reached");
  else
    std::printf(" | %11d %8d %6.0f %9.3f", found->counts.evaluations, found->counts.products,
                found->passes, found->seconds);
}

void print(const std::vector<Run>& runs, const Descent& descent) {
  std::printf("least objective: %.9e\n%-30s %8s", descent.least(), "", "left at");
  for (const double left : near) std::printf(" | until %.0e is left%16s", left, "data");
  std::printf("\n%-30s %8s", "method", "the end");
  for (const double left : near) {
    static_cast<void>(left);
    std::printf(" | %11s %8s %6s %9s", "evaluations", "products", "passes", "seconds");
  }
  std::printf("\n");
  for (const Run& run : runs) {
    const auto& samples = run.samples();
    double best = 1;
    for (const Sample& sample : samples) best = std::min(best, descent.left(sample));
    std::printf("%-30s %8.1e", run.name().c_str(), best);
    for (const double left : near) print_costs(run, descent, left);
    std::printf("\n");
  }
}

void draw(const std::string& path, const std::vector<Run>& runs, const Descent& descent) {
  std::vector<examples::Axes> all{{"data passes", {}}, {"seconds", {}}};
  for (const Run& run : runs) {
    examples::Curve over_passes{run.name(), {}}, over_seconds{run.name(), {}};
    for (const Sample& sample : run.samples()) {
      if (sample.passes <= 0) continue;  // at x = 0, before anything was asked for
      const double left = descent.left(sample);
      if (left < least_drawn) continue;
      over_passes.points.push_back({sample.passes, left});
      over_seconds.points.push_back({sample.seconds, left});
    }
    all[0].curves.push_back(over_passes);
    all[1].curves.push_back(over_seconds);
  }
  examples::write_chart(path, "(f − least) / (f at 0 − least)", all);
}

void compare(const examples::Arguments& arguments) {
  const int slices = arguments.count("--slices", 2, 1), pixels = arguments.count("--pixels", 48, 8);
  const int angles = arguments.count("--angles", 60, Scan::operators);
  const int passes = arguments.count("--passes", 150, 1);
  const std::string volume = arguments.text("--volume", "slabs");
  if (volume != "slabs" && volume != "whole")
    throw examples::UsageError("--volume: slabs or whole, not " + volume);
  if (!arguments.files().empty()) throw examples::UsageError("no files are expected");
  const examples::Output output(arguments, "optimizers");

  const Scan scan(volume == "slabs" ? Volume::slabs : Volume::whole,
                  static_cast<std::size_t>(slices), static_cast<std::size_t>(pixels), angles);
  const misfit::Communicator& communicator = scan.projections.communicator();
  const bool speaks = communicator.rank() == 0;
  if (speaks) {
    std::printf("%s pixels, %s on %d ranks, %d angles in %d operators\n", scan.shape.text().c_str(),
                volume == "slabs" ? "in slabs" : "whole", communicator.size(), angles,
                Scan::operators);
#ifndef MISFIT_TAO
    std::printf("without TAO, which CMake did not find\n");
#endif
#ifndef MISFIT_ROL
    std::printf("without ROL, which CMake did not find\n");
#endif
  }
  const std::vector<Run> runs = all_runs(scan, passes);
  const Descent descent(runs);
  communicator.agree("writing", [&] {
    if (!speaks) return;
    print(runs, descent);
    output.write({"chart.svg"}, "what is left, over data passes and over time",
                 [&](const std::string& path) { draw(path, runs, descent); });
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  if (examples::helped(argc, argv, usage)) return 0;
  return misfit::run(argc, argv, [&] {
    compare(examples::Arguments(
        argc, argv, {"--volume", "--slices", "--pixels", "--angles", "--passes", "--output"}));
  });
}
