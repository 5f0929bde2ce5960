// SPDX-License-Identifier: BSD-3-Clause

// More ranks than operators, where x is small: three scans of one slice, each cut into angles that
// are dealt out to all ranks.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>
#include <vector>

void reconstruct() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Shape slice{48, 48};

  // The last scan has twice as many angles.
  const auto scan = [&](int i) {
    std::vector<double> angles(i == 2 ? 60 : 30);
    for (std::size_t k = 0; k < angles.size(); ++k)
      angles[k] = 3.14159 * (static_cast<double>(k) + 0.3 * i) / static_cast<double>(angles.size());
    return misfit::Radon(slice, angles);
  };
  const auto plan =
      misfit::Partition::split(misfit::measured_costs<float>(exec, MPI_COMM_WORLD, 3, scan));
  const misfit::DistributedOperator scans(MPI_COMM_WORLD, plan, scan);
  const bool speaks = scans.communicator().rank() == 0;
  if (speaks) std::printf("%s", plan.text(scans.communicator().size()).c_str());

  // Of a square of ones; each rank keeps the rows of its angles.
  Kokkos::View<float**, Kokkos::LayoutRight> square("square", 48, 48);
  Kokkos::deep_copy(exec, Kokkos::subview(square, std::pair(16, 32), std::pair(20, 28)), 1.0F);
  const auto sinograms = scans.allocate_measurements<float>();
  scans.forward(exec, misfit::flatten(square), sinograms, misfit::Scope::local);
  const auto y = scans.measurements(exec, sinograms);

  Kokkos::View<float*> x("x", slice.size());
  const auto result = scans.least_squares(exec, y, x, {.tolerance = 1e-3, .max_iterations = 50});
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0});
  const double value = fidelity.fn(exec, x, y, scans);
  if (speaks)
    std::printf("least squares: %d iterations, residual %.1e  f = %.3f\n", result.iterations,
                result.residual, value);
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, reconstruct); }
