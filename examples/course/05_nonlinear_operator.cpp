// SPDX-License-Identifier: BSD-3-Clause

// Step 5: an operator that is not linear, saturation.hpp, alone and behind the one of step 3.

#include "saturation.hpp"
#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

using Vector = Kokkos::View<double*>;
constexpr std::size_t n = 12;

static_assert(misfit::DifferentiableOperator<Saturation> && !misfit::LinearOperator<Saturation>);

const char* verdict(const misfit::CheckResult& result) {
  return result.passed() ? "passed" : "failed";
}

void evaluate() {
  const Kokkos::DefaultExecutionSpace exec;
  const Vector x("x", n), gradient("gradient", n);
  Kokkos::deep_copy(exec, x, 2.0);

  // Each instrument smears, then shows no more than 1, 2, …, 6.
  const misfit::DistributedOperator instruments(MPI_COMM_WORLD, 6, [&](int i) {
    return misfit::compose(Saturation{n, 1.0 + i}, Smear(n, 0.1, 0.1));
  });

  // Measurements of x itself: f is 0 there, and so is its gradient.
  const auto seen = instruments.allocate_measurements<double>();
  instruments.forward(exec, x, seen, misfit::Scope::local);
  const auto y = instruments.measurements(exec, seen);
  const misfit::DistributedDataFidelity fidelity(misfit::L2(0.1));
  const double at_truth = fidelity.fn(exec, x, y, instruments);

  // A derivative is one at a point: the checks are given it.
  const auto of_operator = misfit::check_adjoint(exec, Saturation{n, 1.0}, x);
  Kokkos::deep_copy(exec, x, 3.0);
  const double beside_it = fidelity.fn_and_grad(exec, x, y, instruments, gradient);
  const auto of_fidelity = misfit::check_gradient(exec, fidelity, x, y, instruments);
  const auto g = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gradient);

  if (instruments.communicator().rank() > 0) return;
  std::printf("Saturation  %s\n", verdict(of_operator));
  std::printf("f at 2: %.1f, f at 3: %.1f, gradient(5) %.1f  %s\n", at_truth, beside_it, g(5),
              verdict(of_fidelity));
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
