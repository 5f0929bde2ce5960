// SPDX-License-Identifier: BSD-3-Clause

// Step 2: six operators over the ranks that there are. f and its gradient are those of all.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>
#include <utility>

using Vector = Kokkos::View<double*>;

constexpr std::size_t n = 12;

/// n entries, `inside` at the two that instrument i looks at, else 0.
Vector window(int i, double inside) {
  const Vector v("v", n);
  Kokkos::deep_copy(Kokkos::subview(v, std::pair(2 * i, 2 * i + 2)), inside);
  return v;
}

void evaluate() {
  const Kokkos::DefaultExecutionSpace exec;

  // The factories run on the rank that owns operator i, and on no other.
  const misfit::DistributedOperator instruments(MPI_COMM_WORLD, 6,
                                                [&](int i) { return misfit::Mask(window(i, 1)); });
  const auto y = instruments.measurements([&](int i) { return window(i, i); });

  const bool speaks = instruments.communicator().rank() == 0;
  if (speaks)
    for (int i = 0; i < instruments.size(); ++i)
      std::printf("instrument %d on rank %d\n", i, instruments.owner(i));

  // x is whole on every rank, and the same on all; so is the gradient.
  const misfit::DistributedDataFidelity fidelity(misfit::L2(0.5));
  const Vector x("x", n), gradient("gradient", n);
  Kokkos::deep_copy(exec, x, 2.0);
  const double value = fidelity.fn_and_grad(exec, x, y, instruments, gradient);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gradient);
  if (speaks) {
    std::printf("f = %.1f, gradient", value);
    for (std::size_t j = 0; j < n; j += 2) std::printf(" %.0f", host(j));
    std::printf("\n");
  }

  // One rank alone makes a mistake; all ranks get the error.
  try {
    instruments.measurements([&](int i) { return i == 4 ? Vector("y", 3) : window(i, i); });
  } catch (const misfit::ArgumentError& error) {
    if (speaks) std::printf("%s\n", error.what());
  }
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
