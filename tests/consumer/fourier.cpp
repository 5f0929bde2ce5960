// SPDX-License-Identifier: BSD-3-Clause

// The Fourier operators of an installed misfit.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

int main(int argc, char* argv[]) {
  misfit::Session session(argc, argv);
  const Kokkos::DefaultExecutionSpace exec;
  using Complex = Kokkos::complex<float>;

  misfit::DistributedOperator operators(MPI_COMM_WORLD, 2,
                                        [](int) { return misfit::Fourier<Complex>({4, 6}); });
  const auto y = operators.measurements([](int) { return Kokkos::View<Complex*>("y", 24); });
  Kokkos::View<Complex*> x("x", 24);
  Kokkos::deep_copy(exec, x, Complex(1, 1));

  // F is orthonormal: twice 24 entries of |1 + i|² / 2.
  const double value = misfit::DistributedDataFidelity(misfit::L2()).fn(exec, x, y, operators);
  if (operators.communicator().rank() == 0) std::printf("f = %.3f\n", value);
}
