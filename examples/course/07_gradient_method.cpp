// SPDX-License-Identifier: BSD-3-Clause

// Step 7: a gradient method for the x that explains the measurements, and its step size.

#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstdio>
#include <utility>

using Exec = Kokkos::DefaultExecutionSpace;
using Vector = Kokkos::View<double*>;
constexpr std::size_t n = 60;

double distance_of(const Exec& exec, const Vector& a, const Vector& b) {
  double sum = 0;
  Kokkos::parallel_reduce(
      Kokkos::RangePolicy<Exec>(exec, 0, a.extent(0)),
      KOKKOS_LAMBDA(const long j, double& part) { part += (a(j) - b(j)) * (a(j) - b(j)); }, sum);
  return std::sqrt(sum);
}

void descend() {
  const Exec exec;
  const misfit::DistributedOperator instruments(MPI_COMM_WORLD, 6,
                                                [&](int i) { return Smear(n, 0.05 * i, 0.25); });
  const bool speaks = instruments.communicator().rank() == 0;

  // Measurements of a box, without noise.
  const Vector truth("truth", n), zero("zero", n), x("x", n), gradient("gradient", n);
  Kokkos::deep_copy(exec, Kokkos::subview(truth, std::pair(20, 35)), 1.0);
  const auto seen = instruments.allocate_measurements<double>();
  instruments.forward(exec, truth, seen, misfit::Scope::local);
  const auto y = instruments.measurements(exec, seen);

  // The gradient of f changes by no more than L = ‖A‖² / σ² times as much as x.
  const double sigma = 0.1;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{sigma});
  const misfit::NormResult norm = instruments.norm_squared<double>(exec);
  const double bound = instruments.norm_squared_bound<double>(exec);
  if (speaks)
    std::printf("|A|^2 is about %.2f (%s), and not above %.2f\n", norm.value,
                norm.converged ? "converged" : "not converged", bound);

  const auto iterate = [&](double step, int steps) {
    Kokkos::deep_copy(exec, x, 0.0);
    double first = 0;
    for (int k = 0; k <= steps; ++k) {
      const double value = fidelity.fn_and_grad(exec, x, y, instruments, gradient);
      if (speaks && k % (steps / 4) == 0)
        std::printf("%5d  f = %9.2e  |gradient| = %8.1e  |x - truth| = %8.1e\n", k, value,
                    distance_of(exec, gradient, zero), distance_of(exec, x, truth));
      if (k == 0) first = value;
      if (!(value <= first)) {
        if (speaks) std::printf("%5d  f = %9.2e grows: see norm_squared_bound\n", k, value);
        return;
      }
      const Vector at = x, g = gradient;
      Kokkos::parallel_for(
          Kokkos::RangePolicy<Exec>(exec, 0, n),
          KOKKOS_LAMBDA(const long j) { at(j) -= step * g(j); });
    }
  };
  if (speaks) std::printf("step 1 / L\n");
  iterate(sigma * sigma / bound, 100);
  if (speaks) std::printf("step 3 / L\n");
  iterate(3 * sigma * sigma / bound, 20);
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, descend); }
