// SPDX-License-Identifier: BSD-3-Clause

// What docs/coming_from_deepinverse.md and docs/coming_from_others.md quote.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <vector>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Space = Exec::memory_space;
using Signal = misfit::Vector<double>;

Signal filled(std::size_t size, double value) {
  const Signal signal("signal", size);
  Kokkos::deep_copy(signal, value);
  return signal;
}

TEST(ComingFrom, DeepInverse) {
  const Exec exec;
  const misfit::Shape shape{8, 8};
  const auto kernel = [](int i) {
    const Kokkos::View<double**> ones("kernel", 3, 3);
    Kokkos::deep_copy(ones, 1.0 + i);
    return ones;
  };
  const auto frame = [](int) { return filled(16, 1); };
  const Signal x = filled(64, 1), gradient("gradient", 64), g("g", 64);

  // factory(index, device, factory_kwargs) is a lambda: what it needs it captures.
  const misfit::DistributedOperator physics(MPI_COMM_WORLD, 8, [&](int i) {
    return misfit::compose(misfit::Downsample(shape, 2), misfit::Blur(shape, kernel(i)));
  });
  // Only this rank's y_i are made, and are checked once.
  const auto y = physics.measurements([&](int i) { return frame(i); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});

  const double value = fidelity.fn(exec, x, y, physics);             // fn(x, y, physics)
  fidelity.grad(exec, x, y, physics, gradient);                      // grad(x, y, physics)
  const double both = fidelity.fn_and_grad(exec, x, y, physics, g);  // each A_i applied once
  // gather=False: this rank's share. The shares sum to the whole, with Reduction::mean too.
  const double share = fidelity.fn(exec, x, y, physics, misfit::Scope::local);

  // Of 16 entries in frame i each is off by 9 (1 + i) − 1.
  double expected = 0;
  for (int i = 0; i < 8; ++i) expected += 16 * 2 * (9.0 * (1 + i) - 1) * (9.0 * (1 + i) - 1);
  EXPECT_NEAR(value, expected, 1e-9 * expected);
  EXPECT_EQ(both, value);
  double sum = share;
  physics.communicator().sum(&sum, 1);
  EXPECT_NEAR(sum, value, 1e-12 * value);
  const auto of_grad = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
  const auto of_both = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, g);
  for (std::size_t j = 0; j < 64; ++j) EXPECT_DOUBLE_EQ(of_grad(j), of_both(j));
}

TEST(ComingFrom, PyLopsMpi) {
  const Exec exec;
  const auto dense = [](int i) {
    const Kokkos::View<double**, Kokkos::LayoutRight> matrix("matrix", 2, 3);
    const auto host = Kokkos::create_mirror_view(matrix);
    for (int r = 0; r < 2; ++r)
      for (int c = 0; c < 3; ++c) host(r, c) = (i + r + c) % 3 == 0 ? 2 : 1;
    Kokkos::deep_copy(matrix, host);
    return misfit::Dense{matrix};
  };
  const auto data = [](int) { return filled(2, 8); };  // of m = (2, 2, 2)
  const Signal m("m", 3);

  // Each rank makes its operators: L = MPIVStack(ops).
  const misfit::DistributedOperator stack(MPI_COMM_WORLD, 6, [&](int i) { return dense(i); });
  const auto d = stack.measurements([&](int i) { return data(i); });

  stack.adjoint(exec, d, m);  // L.H @ d, the sum over ranks
  const auto solved = stack.least_squares(exec, d, m, {.tolerance = 1e-10});  // cgls(L, d)

  EXPECT_TRUE(solved.converged);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, m);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(host(j), 2, 1e-8);
}

TEST(ComingFrom, Tao) {
  const Exec exec;
  const misfit::Slabs slabs(MPI_COMM_WORLD, {6, 4});
  const misfit::DistributedOperator operators(slabs, 2, [](int) { return misfit::Identity(24); });
  const auto y = operators.measurements([](int) { return filled(24, 1); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const Signal local_x = filled(slabs.owned_size(), 3), local_g("g", slabs.owned_size());

  // What FormFunctionGradient(tao, X, f, G, ctx) does between VecGetArray and VecRestoreArray.
  const auto value_and_gradient = [&](const double* X, double* G) {
    using Unmanaged = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
    const Kokkos::View<const double*, Space, Unmanaged> x(X, slabs.owned_size());
    const Kokkos::View<double*, Space, Unmanaged> gradient(G, slabs.owned_size());
    return fidelity.fn_and_grad(exec, x, y, operators, gradient);  // the same on all ranks
  };

  EXPECT_DOUBLE_EQ(value_and_gradient(local_x.data(), local_g.data()), 2 * 24 * 0.5 * 4);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, local_g);
  for (std::size_t j = 0; j < host.extent(0); ++j) EXPECT_DOUBLE_EQ(host(j), 4);
}

}  // namespace
