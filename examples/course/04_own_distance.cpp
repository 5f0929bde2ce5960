// SPDX-License-Identifier: BSD-3-Clause

// Step 4: a distance of one's own, cauchy.hpp, and what misfit checks of it.

#include "cauchy.hpp"
#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

using Vector = Kokkos::View<double*>;
constexpr std::size_t n = 12;

static_assert(misfit::DifferentiableDistance<Cauchy>);

void evaluate() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator instruments(
      MPI_COMM_WORLD, 6, [&](int i) { return Smear(n, 0.05 * i, 0.05 * i); });
  const bool speaks = instruments.communicator().rank() == 0;

  // What they see of a profile of ones. Instrument 3 is broken in one place.
  const Vector x("x", n), gradient("gradient", n);
  Kokkos::deep_copy(exec, x, 1.0);
  const auto seen = instruments.allocate_measurements<double>();
  instruments.forward(exec, x, seen, misfit::Scope::local);
  for (std::size_t k = 0; k < seen.size(); ++k)
    if (instruments.local_indices()[k] == 3)
      Kokkos::deep_copy(exec, Kokkos::subview(seen[k], 5), 40.0);
  const auto y = instruments.measurements(exec, seen);

  // A little above the truth, where a gradient should not be negative.
  Kokkos::deep_copy(exec, x, 1.1);
  const auto print = [&](const char* name, const auto& distance) {
    const misfit::DistributedDataFidelity fidelity(distance);
    const double value = fidelity.fn_and_grad(exec, x, y, instruments, gradient);
    const auto check = misfit::check_gradient(exec, fidelity, x, y, instruments);
    const auto g = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gradient);
    if (speaks)
      std::printf("%-7s f = %7.1f  gradient at 1, 5, 9: %5.0f %5.0f %5.0f  %s\n", name, value, g(1),
                  g(5), g(9), check.passed() ? "passed" : "failed");
  };
  print("L2", misfit::L2(0.1));
  print("Cauchy", Cauchy{0.2});
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
