// SPDX-License-Identifier: BSD-3-Clause

// Step 10: a code that has MPI, Kokkos and its fields already calls misfit on them as they lie.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstdio>

using Exec = Kokkos::DefaultExecutionSpace;
using Field = Kokkos::View<double**, Kokkos::LayoutLeft>;  // (columns, rows), columns run fastest

constexpr std::size_t columns = 8, rows = 12, instruments = 3;

/// One gradient step on `field`, which has a ghost row before and behind this rank's rows. Column i
/// of `records` is what instrument i measured in this rank's rows.
void improve(MPI_Comm comm, const Exec& exec, const Field& field, const Field& gradient,
             const Kokkos::View<double**, Kokkos::LayoutRight>& records) {
  // A field in LayoutLeft is an image with its extents reversed.
  const misfit::Slabs slabs(comm, {rows, columns}, {.rows = field.extent(1) - 2});
  const misfit::Halo halo(slabs, {.before = 1, .after = 1});
  const misfit::DistributedOperator blurs(slabs, instruments, [&](int i) {
    Kokkos::View<double**> kernel("kernel", 3, 3);
    Kokkos::deep_copy(kernel, 1.0 / (9 + 9 * i));
    return misfit::Blur(slabs.shape(), kernel, misfit::Padding::replicate);
  });
  const auto y = blurs.measurements(exec, [&](int i) {
    return Kokkos::subview(records, Kokkos::ALL, i);  // strided: copied, once
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2(1));

  const auto x = slabs.owned_in(field, 1, 1), g = slabs.owned_in(gradient, 1, 1);
  const double before = fidelity.fn_and_grad(exec, x, y, blurs, g);
  // σ² / ‖A‖²: a step with which f never grows.
  const double step = 1 / blurs.norm_squared_bound<double>(exec);
  Kokkos::parallel_for(
      Kokkos::RangePolicy<Exec>(exec, 0, slabs.owned_size()),
      KOKKOS_LAMBDA(const long j) { x(j) -= step * g(j); });
  const double after = fidelity.fn(exec, x, y, blurs);

  // The code's own kernels want ghost rows of the new field.
  halo.exchange(exec, halo.extended_in(field, 1, 1));
  if (slabs.space().rank() == 0) std::printf("f = %.3f, then %.3f\n", before, after);
}

/// The code as it was: its last rank does not compute, its field has rows on all others, of which
/// there must be one at least.
void simulate() {
  int rank = 0, size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm computing = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank + 1 < size ? 0 : MPI_UNDEFINED, rank, &computing);
  if (computing == MPI_COMM_NULL) return;

  const Exec exec;  // the code's own: on a GPU that of its stream
  const auto ranks = static_cast<std::size_t>(size - 1), here = static_cast<std::size_t>(rank);
  const std::size_t begin = rows * here / ranks, own = rows * (here + 1) / ranks - begin;
  const Field field("field", columns, own + 2), gradient("gradient", columns, own + 2);
  const Kokkos::View<double**, Kokkos::LayoutRight> records("records", columns * own, instruments);
  Kokkos::deep_copy(exec, records, 1.0);
  const auto first = static_cast<double>(begin);
  Kokkos::parallel_for(
      Kokkos::RangePolicy<Exec>(exec, 1, own + 1), KOKKOS_LAMBDA(const long row) {
        for (std::size_t k = 0; k < columns; ++k) field(k, row) = first + static_cast<double>(row);
      });
  improve(computing, exec, field, gradient, records);

  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
  if (rank == 0) {
    std::printf("column 3 of rank 0, and a ghost row:");
    for (std::size_t row = 1; row < own + 2; ++row) std::printf(" %.2f", host(3, row));
    std::printf("\n");
  }
  MPI_Comm_free(&computing);
}

int main(int argc, char* argv[]) {
  MPI_Init(&argc, &argv);
  Kokkos::initialize(argc, argv);
  try {
    simulate();
  } catch (const misfit::Error& error) {  // the same on all ranks that compute
    std::fprintf(stderr, "%s\n", error.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  Kokkos::finalize();
  MPI_Finalize();
}
