// SPDX-License-Identifier: BSD-3-Clause

// Step 6: a distance for each operator, of one type or of several, and many signals in one call.

#include "cauchy.hpp"
#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>
#include <vector>

using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
constexpr std::size_t n = 12, signals = 3;

void evaluate() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator instruments(
      MPI_COMM_WORLD, 6, [&](int i) { return Smear(n, 0.05 * i, 0.05 * i); });
  const bool speaks = instruments.communicator().rank() == 0;

  // Three signals in the rows of x, constant: 1, 2 and 3. Measurements are those of zeros.
  const Batch x("x", signals, n), gradient("gradient", signals, n);
  for (std::size_t b = 0; b < signals; ++b)
    Kokkos::deep_copy(exec, Kokkos::subview(x, b, Kokkos::ALL), 1.0 + static_cast<double>(b));
  const auto y = instruments.measurements(exec, instruments.allocate_measurements<double>(signals));

  const auto print = [&](const char* name, const auto& fidelity) {
    const std::vector<double> values = fidelity.fn_and_grad(exec, x, y, instruments, gradient);
    const auto g = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gradient);
    if (!speaks) return;
    std::printf("%-14s", name);
    for (std::size_t b = 0; b < signals; ++b)
      std::printf("  f = %6.1f, gradient(5) = %5.2f", values[b], g(b, 5));
    std::printf("\n");
  };

  // One for all; the mean over the instruments of it.
  print("L2", misfit::DistributedDataFidelity(misfit::L2(1)));
  print("mean of L2", misfit::DistributedDataFidelity(misfit::L2(1), misfit::Reduction::mean));

  // Instrument i has noise of its own.
  const auto of_noise = [](int i) { return misfit::L2(1.0 + i); };
  print("L2 each", misfit::DistributedDataFidelity(instruments, of_noise));

  // Instrument 3 has outliers: distances of two types, behind one.
  const auto of_kind = [](int i) -> misfit::AnyDistance<double> {
    if (i == 3) return Cauchy{1};
    return misfit::L2(1.0 + i);
  };
  print("one is Cauchy", misfit::DistributedDataFidelity(instruments, of_kind));
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
