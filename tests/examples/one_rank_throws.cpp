// SPDX-License-Identifier: BSD-3-Clause

// What is no error of misfit, and thrown on one rank while the others wait for it, ends the job.

#include "../../examples/support/program.hpp"

#include <new>

int main(int argc, char* argv[]) {
  return examples::run(argc, argv, "", {}, [](const auto&, const misfit::Communicator& world) {
    if (world.rank() == 1) throw std::bad_alloc();
    double one = 1;
    world.sum(&one, 1);
  });
}
