// SPDX-License-Identifier: BSD-3-Clause

// What docs/imaging.md quotes of checkpoints.

#include <misfit/io/checkpoint.hpp>
#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

/// x after `last` iterations of FISTA, of which the file has the first, if it is there; whole, on
/// every rank.
Kokkos::View<double*> fista(const misfit::Slabs& slabs, const std::string& path, int last) {
  const Exec exec;
  const misfit::DistributedOperator operators(slabs, 2, [](int i) {
    Kokkos::View<double*> mask("mask", 24);
    Kokkos::deep_copy(mask, 0.3 + 0.1 * i);
    return misfit::Mask{mask};
  });
  const auto y = operators.measurements([](int, const misfit::Rows& rows) {
    Kokkos::View<double*> ones("ones", rows.size() * 4);
    Kokkos::deep_copy(ones, 1.0);
    return ones;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const double length = 0.5 / operators.norm_squared_bound<double>(exec);
  const std::size_t size = slabs.owned_size();
  const Kokkos::View<double*> x("x", size), z("z", size), gradient("gradient", size);

  // z, the point at which FISTA takes the gradient, and t are what it needs beside x.
  int iteration = 0;
  double t = 1;
  const misfit::io::SolverState state{{"x", x}, {"z", z}, {"t", t}, {"iteration", iteration}};
  const misfit::io::Checkpoint checkpoint(slabs, path);
  if (checkpoint.exists()) {
    checkpoint.read(exec, state);
    if (slabs.space().rank() == 0) std::printf("goes on after iteration %d\n", iteration);
  }

  while (iteration < last) {
    fidelity.grad(exec, z, y, operators, gradient);
    const double next = (1 + std::sqrt(1 + 4 * t * t)) / 2, momentum = (t - 1) / next;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, size), KOKKOS_LAMBDA(const int j) {
          const double old = x(j);
          x(j) = z(j) - length * gradient(j);
          z(j) = x(j) + momentum * (x(j) - old);
        });
    t = next;
    if (++iteration % 10 == 0) checkpoint.write(exec, state);
  }

  const Kokkos::View<double*> whole("whole", 24);
  slabs.gather(exec, x, whole);
  slabs.space().broadcast(exec, whole, 0);
  return whole;
}

TEST(Checkpoint, goes_on_as_if_it_had_not_ended) {
  const misfit::Communicator all(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = (folder / "misfit_fista").string() + std::to_string(all.size()) + ".h5";
  const auto other = path + std::to_string(all.rank());
  const misfit::Shape shape{6, 4};
  std::filesystem::remove(path);

  const auto at_once = fista(misfit::Slabs(alone, shape), other, 35);
  if (all.rank() == 0) fista(misfit::Slabs(alone, shape), path, 24);  // of which the file has 20
  MPI_Barrier(MPI_COMM_WORLD);
  const auto in_two = fista(misfit::Slabs(all, shape), path, 35);

  for (int j = 0; j < 24; ++j) EXPECT_NEAR(in_two(j), at_once(j), 1e-15);
  std::filesystem::remove(path);
  std::filesystem::remove(other);
}

}  // namespace
