// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

template <typename T>
void register_blurs(const Options& options, int count, int side, int step, bool separable,
                    const char* series) {
  const std::string name = std::string(step > 1 ? "downsampled_blur/" : "blur/") + name_of<T>() +
                           (separable ? "/gaussian/" : "/random/") + std::to_string(count) +
                           "_operators/3x" + std::to_string(side) + "x" + std::to_string(side) +
                           "/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<Blurs<T>>(count, side, step, separable); },
      [=](Case& c, const Blurs<T>& p, Call call) {
        c.flops = p.flops(call, count);
        c.bytes = p.bytes(call, count);
        c.bound = {"flop_share", [=, &p, sink = Kokkos::View<T*>("sink", 1024)] {
                     compute_only(p.exec, p.flops(call, static_cast<double>(p.kernels.size())),
                                  sink);
                   }};
        std::vector<Bytes> measured;
        for (std::size_t k = 0; k < p.kernels.size(); ++k)
          measured.push_back({p.y[k].data(), p.outputs() * sizeof(T)});
        c.other_bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                           move_one_by_one(p.exec, measured, static_cast<const T*>(p.x.data()),
                                           call == Call::fn ? nullptr : p.gradient.data(),
                                           p.x.size(), sink);
                         }};
        c.least_memory = sizeof(T) * (static_cast<double>((p.kernels.size() + 1) * p.outputs()) +
                                      2 * p.inputs());
      },
      [](const Blurs<T>& p) { return hand_written(p); });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    // Four images of x, y and g together.
    const auto side = static_cast<int>(std::sqrt(static_cast<double>(bytes) / 8 / sizeof(T)));
    const int even = std::max(16, side / 16 * 16);
    for (const bool separable : {true, false})
      for (const int step : {2, 1}) {
        // It is mostly computing that limits a blur, and the hand-written code is slow: out
        // of cache only the downsampled ones, and of the largest one alone.
        if (bytes >= here.out_of_cache() && step == 1) continue;
        const bool main = separable && sizeof(T) == sizeof(float);
        if (bytes > here.out_of_cache() && !main) continue;
        register_blurs<T>(here, 2, even, step, separable, "strong");
        if (main && here.with_weak(bytes))
          register_blurs<T>(here, 2 * here.ranks, even, step, separable, "weak");
      }
  });
}

void register_cases(const Options& options) {
  register_all<float>(options);
  if (!options.quick) register_all<double>(options);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
