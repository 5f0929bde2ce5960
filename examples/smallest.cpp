// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

void descend() {
  const Kokkos::DefaultExecutionSpace exec;

  // Twelve dense operators, 1000 x 64 each; a rank builds only those it owns. The 64 unknowns live
  // on every rank.
  misfit::DistributedOperator operators(MPI_COMM_WORLD, 12, [&](int i) {
    Kokkos::View<double**> a("a", 1000, 64);
    Kokkos::deep_copy(exec, a, 0.1 * (i + 1));
    return misfit::Dense{a};
  });
  const auto y = operators.measurements([&](int) {
    Kokkos::View<double*> b("b", 1000);
    Kokkos::deep_copy(exec, b, 1.0);
    return b;
  });
  misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});

  // σ² / ‖A‖² with a bound of ‖A‖² from above: a step with which f never grows.
  const double length = 0.25 / operators.norm_squared_bound<double>(exec);
  Kokkos::View<double*> x("x", 64), gradient("gradient", 64);
  for (int step = 0; step < 3; ++step) {
    const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
    Kokkos::parallel_for(
        Kokkos::RangePolicy<>(exec, 0, x.extent(0)),
        KOKKOS_LAMBDA(const int j) { x(j) -= length * gradient(j); });
    if (operators.communicator().rank() == 0) std::printf("step %d  f = %.6e\n", step, value);
  }
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, descend); }
