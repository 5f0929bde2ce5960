// SPDX-License-Identifier: BSD-3-Clause

// One rank leaves main() by an exception while the others wait for it: the job must end, not hang.
// The test passes when it does, with the text that Session prints.

#include <misfit/communicator.hpp>
#include <misfit/session.hpp>

#include <mpi.h>

#include <stdexcept>

int main(int argc, char* argv[]) {
  try {
    const misfit::Session session(argc, argv);
    const misfit::Communicator comm(MPI_COMM_WORLD);
    if (comm.rank() == comm.size() - 1) throw std::runtime_error("this rank alone");
    double value = 1;
    comm.sum(&value, 1);
  } catch (const std::runtime_error&) {
    return 0;  // not reached: the destructor of the Session ends the job first
  }
}
