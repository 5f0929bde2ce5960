// SPDX-License-Identifier: BSD-3-Clause
#include "families/radon.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <memory>
#include <string>

namespace misfit::bench {
namespace {

constexpr int all_angles = 180;

template <typename T>
std::string name_of_images(int count, int side, int angles) {
  const std::string extent = std::to_string(side);
  return "radon/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" + extent + "x" +
         extent + "_" + std::to_string(angles) + "_angles/";
}

template <typename T>
void describe(Case& c, const Radons<T>& p, Call call, int count) {
  const double here = static_cast<double>(p.angles.size());
  c.flops = p.flops(call, count);
  c.bytes = p.bytes(call, count);
  c.bound = {"flop_share", [=, &p, sink = Kokkos::View<T*>("sink", 1024)] {
               compute_only(p.exec, p.flops(call, here), sink);
             }};
  c.least_memory = sizeof(T) * ((here + 1) * static_cast<double>(p.outputs()) + 2 * p.pixels());
}

/// `count` subsets of the angles over all ranks.
template <typename T>
void register_subsets(const Options& options, int count, int side, int angles, const char* series) {
  register_problem<T>(
      options, name_of_images<T>(count, side, angles) + series,
      [=] { return std::make_shared<Radons<T>>(count, side, angles); },
      [=](Case& c, const Radons<T>& p, Call call) { describe(c, p, call, count); },
      [](const Radons<T>& p) { return hand_written(p); });
}

/// One operator with all angles on each rank: A x, and the time of A^H y over that of A x.
template <typename T>
void register_directions(const Options& options, int side) {
  const int count = options.ranks;
  const auto run = [=](benchmark::State& state) {
    ViewMemory::forget();
    const Radons<T> p(count, side, all_angles);
    const auto& op = p.operators.local_operator(0);
    const Numbers<T> u("u", p.outputs());
    Case c;
    describe(c, p, Call::fn, count);
    c.ours = c.computing = [&] { op.apply(p.exec, detail::as_const_view(p.x), u); };
    c.others = [&] {
      return std::vector<Step>{
          {"adjoint_over_forward", [&] { op.add_adjoint(p.exec, p.y[0], p.gradient); }}};
    };
    run_case(state, p.exec, c);
    const double forward = 1e6 * state.counters["compute_ms"] / p.pairs(1);
    state.counters["forward_ns_per_ray_and_pixel"] = forward;
    state.counters["adjoint_ns_per_ray_and_pixel"] =
        forward * state.counters["adjoint_over_forward"];
  };
  benchmark::RegisterBenchmark(
      (name_of_images<T>(count, side, all_angles) + "weak/directions").c_str(), run)
      ->Iterations(options.rounds)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

template <typename T>
void register_all(const Options& options) {
  constexpr int subsets = 4;
  // It is computing, not memory, that limits a projection: the larger images differ by little.
  Options large = options;
  large.only_fn_and_grad = true;
  register_directions<T>(options, 256);
  register_subsets<T>(options, subsets, 256, all_angles / subsets, "strong");
  if (options.quick) return;
  register_directions<T>(options, 512);
  register_subsets<T>(large, subsets, 512, all_angles / subsets, "strong");
  if (options.ranks > 1)
    register_subsets<T>(large, subsets * options.ranks, 256, all_angles / subsets, "weak");
}

void register_cases(const Options& options) {
  register_all<float>(options);
  register_all<double>(options);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
