// SPDX-License-Identifier: BSD-3-Clause
#include "support/problem.hpp"

#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <cmath>
#include <string>

namespace misfit::bench {
namespace {

constexpr int taps = 5;
constexpr int channels = 3;

/// 5 x 5: a Gaussian, which is separable, or random numbers, which are not.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> kernel_of(bool separable, int i) {
  Kokkos::View<T**, Kokkos::LayoutRight> kernel("kernel", taps, taps);
  const auto host = Kokkos::create_mirror_view(kernel);
  for (int r = 0; r < taps; ++r)
    for (int c = 0; c < taps; ++c)
      host(r, c) = static_cast<T>(separable ? std::exp(-0.1 * (r - 2) * (r - 2)) *
                                                  std::exp(-(0.1 + 0.02 * i) * (c - 2) * (c - 2))
                                            : 1 / (1.0 + r * taps + c + (r * c + i) % 3));
  Kokkos::deep_copy(kernel, host);
  return kernel;
}

template <typename T>
struct KernelList {
  std::vector<Kokkos::View<T**, Kokkos::LayoutRight>> kernels;
};

template <typename T>
struct Blurs : KernelList<T>, Problem<Blur<T>, T> {
  Blurs(int count, int side, int step, bool separable)
      : Problem<Blur<T>, T>(count,
                            static_cast<std::size_t>(channels) * static_cast<std::size_t>(side) *
                                static_cast<std::size_t>(side),
                            [=, this](int i) {
                              this->kernels.push_back(kernel_of<T>(separable, i));
                              const auto extent = static_cast<std::size_t>(side);
                              const Shape shape{channels, extent, extent};
                              const auto factor = static_cast<std::size_t>(step);
                              return compose(Downsample(shape, {1, factor, factor}),
                                             Blur(shape, this->kernels.back()));
                            }) {}
};

KOKKOS_INLINE_FUNCTION int wrapped(int index, int side) {
  return index < 0 ? index + side : index >= side ? index - side : index;
}

/// Every output from its 25 inputs, every input from the outputs that it is in; circular, as the
/// indices say. `step` divides `side`.
template <typename T>
double plain_loop(const Blurs<T>& p, int side, int step, const Numbers<T>& u, const Numbers<T>& g) {
  const int kept = side / step;
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.kernels.size(); ++k) {
    const auto h = p.kernels[k];
    const auto y = p.y[k];
    double sum = 0;
    Kokkos::parallel_for(
        "apply", Kokkos::RangePolicy<Exec>(p.exec, 0, channels * kept * kept),
        KOKKOS_LAMBDA(const int o) {
          const int column = o % kept * step, row = o / kept % kept * step,
                    channel = o / kept / kept;
          T total = 0;
          for (int r = 0; r < taps; ++r)
            for (int c = 0; c < taps; ++c)
              total += h(r, c) * x((channel * side + wrapped(row + 2 - r, side)) * side +
                                   wrapped(column + 2 - c, side));
          u(o) = total;
        });
    Kokkos::parallel_reduce(
        "distance", Kokkos::RangePolicy<Exec>(p.exec, 0, channels * kept * kept),
        KOKKOS_LAMBDA(const int j, double& partial) {
          const T r = u(j) - y(j);
          partial += detail::squared_abs(r);
          u(j) = static_cast<detail::Real<T>>(4) * r;
        },
        sum);
    Kokkos::parallel_for(
        "adjoint", Kokkos::RangePolicy<Exec>(p.exec, 0, channels * side * side),
        KOKKOS_LAMBDA(const int j) {
          const int column = j % side, row = j / side % side, channel = j / side / side;
          T total = 0;
          // The taps that lead to a kept row and to a kept column.
          for (int r = (row + 2) % step; r < taps; r += step)
            for (int c = (column + 2) % step; c < taps; c += step)
              total += h(r, c) * u((channel * kept + wrapped(row - 2 + r, side) / step) * kept +
                                   wrapped(column - 2 + c, side) / step);
          g(j) += total;
        });
    value += 0.5 * Blurs<T>::inverse_variance * sum;
  }
  return value;
}

/// As many multiplications and additions as are asked for, in independent lanes, out of memory.
template <typename T>
void compute_only(const Exec& exec, double flops, const Kokkos::View<T*>& sink) {
  constexpr int lanes = 1024 / sizeof(T);
  const auto items = static_cast<std::int64_t>(sink.extent(0));
  const auto turns = static_cast<std::int64_t>(flops / 2 / lanes / static_cast<double>(items));
  Kokkos::parallel_for(
      "floor", Kokkos::RangePolicy<Exec>(exec, 0, items), KOKKOS_LAMBDA(const std::int64_t i) {
        T sums[lanes] = {};
        const T a = sink(i), b = static_cast<T>(0.5) - a;
        for (std::int64_t t = 0; t < turns; ++t)
          for (int l = 0; l < lanes; ++l) sums[l] = sums[l] * a + b;
        T sum = 0;
        for (int l = 0; l < lanes; ++l) sum += sums[l];
        sink(i) = sum / lanes;
      });
}

template <typename T>
void register_blurs(const Options& options, int count, int side, int step, bool separable,
                    const char* series) {
  const std::string name = std::string(step > 1 ? "downsampled_blur/" : "blur/") + name_of<T>() +
                           (separable ? "/gaussian/" : "/random/") + std::to_string(count) +
                           "_operators/3x" + std::to_string(side) + "x" + std::to_string(side) +
                           "/" + series;
  const int kept = (side + step - 1) / step;
  const auto outputs = static_cast<std::size_t>(channels) * static_cast<std::size_t>(kept) *
                       static_cast<std::size_t>(kept);
  register_problem<T>(
      options, name, [=] { return std::make_shared<Blurs<T>>(count, side, step, separable); },
      [=](Case& c, const Blurs<T>& p, Call call) {
        const double inputs = static_cast<double>(channels) * side * side;
        const double measured = static_cast<double>(outputs);
        // Two passes of 5 taps, of which the first is needed for all columns of the kept rows;
        // or 25.
        const double products = separable ? taps * (measured + measured * static_cast<double>(step))
                                          : taps * taps * measured;
        // A product is a multiplication and an addition, forward and, with a gradient, back.
        const double flops = (call == Call::fn ? 2.0 : 4.0) * products;
        c.flops = flops * count;
        // For each operator x, y and, with a gradient, g, read and written.
        c.bytes = count * sizeof(T) * ((call == Call::fn ? 1.0 : 3.0) * inputs + measured);
        c.floor = {"flop_share", [=, &p, sink = Kokkos::View<T*>("sink", 1024)] {
                     compute_only<T>(p.exec, flops * static_cast<double>(p.kernels.size()), sink);
                   }};
        c.least_memory =
            sizeof(T) * (static_cast<double>(p.kernels.size() + 1) * measured + 2.0 * inputs);
      },
      [=](const Blurs<T>& p) {
        return std::vector<Twin<T>>{
            {"plain_loop", [=, &p, u = Numbers<T>("u", outputs)](const Numbers<T>& g) {
               return plain_loop(p, side, step, u, g);
             }}};
      });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    // Four images of x, y and g together.
    const auto side = static_cast<int>(std::sqrt(static_cast<double>(bytes) / 8 / sizeof(T)));
    const int even = std::max(16, side / 16 * 16);
    for (const bool separable : {true, false})
      for (const int step : {2, 1}) {
        // It is computing, not memory, that limits a blur, and its twin is slow: out of cache only
        // the downsampled ones, and of the largest one alone.
        if (bytes >= here.out_of_cache() && step == 1) continue;
        const bool main = separable && sizeof(T) == sizeof(float);
        if (bytes > here.out_of_cache() && !main) continue;
        register_blurs<T>(here, 2, even, step, separable, "strong");
        if (main && here.with_weak(bytes))
          register_blurs<T>(here, 2 * here.ranks, even, step, separable, "weak");
      }
  });
}

}  // namespace

void register_cases(const Options& options) {
  register_all<float>(options);
  if (!options.quick) register_all<double>(options);
}

}  // namespace misfit::bench
