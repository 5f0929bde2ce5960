// SPDX-License-Identifier: BSD-3-Clause

// Step 1: an operator A, a distance d, and f(x) = d(A x, y) with its gradient.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>
#include <initializer_list>

using Vector = Kokkos::View<double*>;

Vector vector(std::initializer_list<double> values) {
  const Kokkos::View<const double*, Kokkos::HostSpace> host(values.begin(), values.size());
  const Vector v("v", values.size());
  Kokkos::deep_copy(v, host);
  return v;
}

void print(const char* name, const Vector& v) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), v);
  std::printf("%-20s", name);
  for (std::size_t j = 0; j < host.extent(0); ++j) std::printf(" %5.1f", host(j));
  std::printf("\n");
}

void evaluate() {
  const Kokkos::DefaultExecutionSpace exec;

  // A weighs each of four unknowns; it does not see the last one.
  const misfit::Mask mask(vector({1, 1, 0.5, 0}));
  const misfit::L2 distance(0.5);  // noise of deviation σ = 0.5
  const Vector x = vector({1, 2, 3, 4}), y = vector({1, 1.5, 2, 0});

  // In three steps.
  const Vector u("u", mask.range_size()), r("r", mask.range_size()), g("g", mask.domain_size());
  mask.apply(exec, x, u);
  const double value = misfit::value(exec, distance, u, y);
  misfit::gradient(exec, distance, u, y, r);
  mask.add_adjoint(exec, r, g);
  print("u = A x", u);
  std::printf("d(u, y)              %5.1f\n", value);
  print("r = gradient of d", r);
  print("g = A^T r", g);

  // In one.
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1, [&](int) { return mask; });
  const auto measurements = operators.measurements([&](int) { return y; });
  const misfit::DistributedDataFidelity fidelity(distance);
  const Vector gradient("gradient", operators.domain_size());
  const double f = fidelity.fn_and_grad(exec, x, measurements, operators, gradient);
  std::printf("f(x)                 %5.1f\n", f);
  print("gradient of f", gradient);
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
