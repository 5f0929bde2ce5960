// SPDX-License-Identifier: BSD-3-Clause

// What Sum::reproducible costs: fn_and_grad with it, beside the same with Sum::run_to_run.

#include "families/dense.hpp"
#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"
#endif
#include "families/mask.hpp"
#include "support/case.hpp"

#include <misfit/partition.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>

namespace misfit::bench {
namespace {

struct Spread {
  const char* name;
  Partition partition;
};

/// In blocks each rank has one node of the tree on 2^k ranks; with round robin one an operator.
std::vector<Spread> spreads(int count, const Options& options) {
  std::vector<Spread> all{{"blocks", Partition::blocks(count)}};
  if (options.ranks > 1 && !options.quick)
    all.push_back({"round_robin", Partition::round_robin(count)});
  return all;
}

/// Registers the `Problem` that `make` makes of a partition, which moves `bytes`.
template <typename Problem, typename Make>
void register_price(const Options& options, const std::string& name, int count, double bytes,
                    Make make) {
  for (const Spread& spread : spreads(count, options)) {
    const auto run = [=](benchmark::State& state) {
      ViewMemory::forget();
      const Problem p(make(spread.partition));
      const DistributedDataFidelity fidelity(L2{1 / std::sqrt(inverse_variance)}, Reduction::sum,
                                             Sum::reproducible);
      const auto evaluate = [&](Scope scope) {
        p.value = fidelity.fn_and_grad(p.exec, p.x, p.y, p.operators, p.gradient, scope);
      };
      Case c;
      c.ranks = options.ranks;
      c.ours = [&] { evaluate(Scope::global); };
      c.computing = [&] { evaluate(Scope::local); };
      c.others = [&] {
        return std::vector<Step>{
            {"run_to_run_over_reproducible", [&] { p.run(Call::fn_and_grad, Scope::global); }}};
      };
      c.bytes = bytes;
      double entries = 3.0 * static_cast<double>(p.x.extent(0));
      for (std::size_t k = 0; k < p.y.size(); ++k) entries += static_cast<double>(p.y[k].extent(0));
      c.least_memory = p.operator_bytes + static_cast<double>(sizeof(p.x(0))) * entries;
      run_case(state, p.exec, c);
    };
    benchmark::RegisterBenchmark(
        ("reproducible/" + name + "/" + spread.name + "/fn_and_grad").c_str(), run)
        ->Iterations(options.rounds)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

void register_masks(const Options& options, std::size_t bytes) {
  constexpr int count = 16;
  const std::size_t n = std::max<std::size_t>(1024, bytes / count / 2 / sizeof(double));
  using Made = Masks<double>;
  register_price<Made>(
      options, "mask/double/16_operators/" + std::to_string(n) + "_entries", count,
      (2.0 * count + 2.0 * options.ranks) * sizeof(double) * static_cast<double>(n),
      [=](const Partition& partition) {
        return DistributedOperator(MPI_COMM_WORLD, partition, [n](int i) {
          return Mask{random_numbers<double>(n, 10 + static_cast<unsigned>(i))};
        });
      });
}

void register_matrices(const Options& options, std::size_t bytes) {
  constexpr int count = 8;
  // An odd multiple of 16, as in the family of dense matrices.
  const auto side =
      static_cast<std::size_t>(std::sqrt(static_cast<double>(bytes) / count / sizeof(double)));
  const std::size_t n = (side / 32 * 2 + 1) * 16;
  const double entries = static_cast<double>(n) * static_cast<double>(n);
  register_price<DenseMatrices<double>>(
      options, "dense/double/8_operators/" + std::to_string(n) + "x" + std::to_string(n), count,
      count * sizeof(double) * entries, [=](const Partition& partition) {
        return DistributedOperator(MPI_COMM_WORLD, partition, [n](int i) {
          return Dense{random_matrix<double>(n, n, 10 + static_cast<unsigned>(i))};
        });
      });
}

#if defined(MISFIT_FOURIER)
/// Operators that have the transforms of x and of the gradient in common. Of each, m and y move; of
/// a blur the spectra of kernel and data, y and its copy; on every rank x, and g twice.
void register_transforms(const Options& options) {
  constexpr int count = 8;
  const Shape shape = cube(2, options.quick ? 128 : 512);
  const std::string images =
      "8_operators/" + std::to_string(shape[0]) + "x" + std::to_string(shape[1]);
  const auto n = static_cast<double>(shape.size());
  using T = Kokkos::complex<double>;
  using Mask = Numbers<double>;
  register_price<Problem<Fourier<T, Mask>, T>>(
      options, "fourier/complex_double/" + images, count,
      n * (count * (sizeof(T) + sizeof(double)) + 3.0 * options.ranks * sizeof(T)),
      [=](const Partition& partition) {
        return DistributedOperator(MPI_COMM_WORLD, partition, [=](int i) {
          return Fourier<T, Mask>(
              shape, random_numbers<double>(shape.size(), 10 + static_cast<unsigned>(i)));
        });
      });
  register_price<Problem<FourierBlur<double>, double>>(
      options, "fourier_blur/double/" + images, count,
      n * (4.0 * count + 3.0 * options.ranks) * sizeof(double), [=](const Partition& partition) {
        return DistributedOperator(MPI_COMM_WORLD, partition, [=](int i) {
          const auto kernel = FourierBlurs<double>::kernel(shape, i);
          return FourierBlur<double>(
              shape, Kokkos::View<double**, Kokkos::LayoutRight>(kernel.data(), 5, 5));
        });
      });
}
#endif

void register_cases(const Options& options) {
  register_masks(options, options.out_of_cache());
  if (!options.quick) register_masks(options, options.cache_bytes / 16);
  register_matrices(options, options.out_of_cache());
#if defined(MISFIT_FOURIER)
  register_transforms(options);
#endif
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
