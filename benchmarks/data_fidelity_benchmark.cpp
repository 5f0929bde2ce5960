// SPDX-License-Identifier: BSD-3-Clause

// The three calls of a data fidelity, strong scaling: 16 masks of one image over the ranks.

#include "support/mpi_time.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/mask.hpp>

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>
#include <mpi.h>

#include <cstddef>

namespace {

template <typename T>
struct Masks {
  static constexpr int count = 16;

  explicit Masks(std::size_t n)
      : operators(MPI_COMM_WORLD, count, [n](int i) { return misfit::Mask{filled(n, 0.5 + i)}; }),
        y(operators.measurements([n](int i) { return filled(n, 1.0 + i); })),
        x(filled(n, 1.0)),
        gradient(filled(n, 0.0)) {}

  static Kokkos::View<T*> filled(std::size_t n, double value) {
    Kokkos::View<T*> view("view", n);
    Kokkos::deep_copy(view, static_cast<T>(value));
    return view;
  }

  Kokkos::DefaultExecutionSpace exec;
  misfit::DistributedOperator<misfit::Mask<Kokkos::View<T*>>> operators;
  misfit::Measurements<Kokkos::View<T*>> y;
  Kokkos::View<T*> x, gradient;
  misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.5}};
};

template <typename T>
void mask_fn(benchmark::State& state) {
  const Masks<T> p(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    misfit::bench::time_iteration(state, p.exec,
                                  [&] { p.fidelity.fn(p.exec, p.x, p.y, p.operators); });
}

template <typename T>
void mask_grad(benchmark::State& state) {
  const Masks<T> p(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    misfit::bench::time_iteration(
        state, p.exec, [&] { p.fidelity.grad(p.exec, p.x, p.y, p.operators, p.gradient); });
}

template <typename T>
void mask_fn_and_grad(benchmark::State& state) {
  const Masks<T> p(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    misfit::bench::time_iteration(
        state, p.exec, [&] { p.fidelity.fn_and_grad(p.exec, p.x, p.y, p.operators, p.gradient); });
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Arg(1 << 12)->Arg(1 << 20)->UseManualTime()->Unit(
      benchmark::kMillisecond);
}

BENCHMARK_TEMPLATE(mask_fn, float)->Apply(sizes);
BENCHMARK_TEMPLATE(mask_grad, float)->Apply(sizes);
BENCHMARK_TEMPLATE(mask_fn_and_grad, float)->Apply(sizes);
BENCHMARK_TEMPLATE(mask_fn, double)->Apply(sizes);
BENCHMARK_TEMPLATE(mask_grad, double)->Apply(sizes);
BENCHMARK_TEMPLATE(mask_fn_and_grad, double)->Apply(sizes);

}  // namespace
