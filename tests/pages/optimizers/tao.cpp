// SPDX-License-Identifier: BSD-3-Clause

// Four blurs of an image in slabs, undone by TAO with x >= 0.

#include <misfit/misfit.hpp>
#include <misfit/tao.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <cstdio>

void deblur() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Slabs slabs(MPI_COMM_WORLD, {64, 48});
  const misfit::DistributedOperator operators(slabs, 4, [](int i) {
    const auto width = static_cast<std::size_t>(1 + 2 * i);
    Kokkos::View<double**> kernel("kernel", 3, width);
    Kokkos::deep_copy(kernel, 1.0 / static_cast<double>(kernel.size()));
    return misfit::Blur({64, 48}, kernel);
  });
  const Kokkos::View<double*> truth("truth", operators.domain_size());
  Kokkos::deep_copy(truth, 1);
  const auto y = operators.allocate_measurements<double>();
  operators.forward(exec, truth, y, misfit::Scope::local);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.1});

  const Kokkos::View<double*> x("x", operators.domain_size());  // the start, then the solution
  misfit::TaoObjective objective(exec, fidelity, x, y, operators);
  Tao tao = nullptr;
  TaoCreate(objective.comm(), &tao);
  TaoSetType(tao, TAOBLMVM);
  objective.attach(tao);
  Vec lower = nullptr, upper = nullptr;
  VecDuplicate(objective.solution(), &lower);  // of zeros
  VecDuplicate(objective.solution(), &upper);
  VecSet(upper, PETSC_INFINITY);
  TaoSetVariableBounds(tao, lower, upper);
  TaoSetTolerances(tao, 1e-6, 0, 0);
  TaoSetFromOptions(tao);
  objective.solve(tao);

  const double value = fidelity.fn(exec, x, y, operators);
  if (operators.communicator().rank() == 0) std::printf("f = %.1f\n", value);
  VecDestroy(&lower);
  VecDestroy(&upper);
  TaoDestroy(&tao);
}

int main(int argc, char* argv[]) {
  return misfit::run(argc, argv, [&] {
    PetscInitialize(&argc, &argv, nullptr, nullptr);
    deblur();
    PetscFinalize();
  });
}
