// SPDX-License-Identifier: BSD-3-Clause

// misfit::io of an installed misfit: rank 0 writes a file, all ranks read it.

#include <misfit/communicator.hpp>
#include <misfit/io/bart.hpp>
#include <misfit/session.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstdio>

int main(int argc, char* argv[]) {
  misfit::Session session(argc, argv);
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const misfit::io::HostVector<Kokkos::complex<float>> values("values", 6);
  values(5) = Kokkos::complex<float>(1, 2);

  communicator.agree("writing", [&] {
    if (communicator.rank() == 0) misfit::io::write_bart(argv[1], {2, 3}, values);
  });
  const auto file = communicator.agree("reading", [&] { return misfit::io::BartFile(argv[1]); });
  const auto last = communicator.agree("reading", [&] { return file.read(0, {2, 3}); });
  std::printf("rank %d reads %g + %gi\n", communicator.rank(), last(1).real(), last(1).imag());
}
