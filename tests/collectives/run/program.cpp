// SPDX-License-Identifier: BSD-3-Clause

// A program on misfit::run() that ends in the way that its first argument names; the rank concerned
// is the second. All but the last print "ends" on rank 0 where they come to their end.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

/// What it says when it is thrown is this.
const std::string text = "what went wrong";

void wait_for_all(const misfit::Communicator& world) {
  double one = 1;
  world.sum(&one, 1);
}

int ends(const std::string& how, int which) {
  const misfit::Communicator world(MPI_COMM_WORLD);
  const Kokkos::View<double*> memory("memory", 1000);
  const bool concerned = world.rank() == which % world.size();
  if (how == "well") return 0;
  if (how == "status") return concerned ? which + 10 : 0;
  if (how == "agreed")
    world.agree("working", [&] {
      if (concerned) throw std::runtime_error(text);
    });
  if (how == "all") throw std::runtime_error(text);
  if (how == "all_differently")
    throw std::runtime_error(text + " with " + std::to_string(world.rank()));
  if (how == "all_slowly") {
    std::this_thread::sleep_for(std::chrono::milliseconds(300 * world.rank()));
    throw misfit::ArgumentError(text);
  }
  if (how == "alone" && concerned) throw misfit::ArgumentError(text);
  if (how == "memory" && concerned) throw std::bad_alloc();
  if (how == "unknown" && concerned) throw 42;
  if (how == "all_but_one" && !concerned) throw std::runtime_error(text);
  if (how == "others_done") {
    if (concerned) throw std::runtime_error(text);
    return 0;
  }
  if (how == "others_wait_in_mpi") {
    if (concerned) throw std::runtime_error(text);
    MPI_Barrier(MPI_COMM_WORLD);
  }
  if (how == "others_compute") {
    if (concerned) throw std::runtime_error(text);
    std::this_thread::sleep_for(std::chrono::seconds(120));
  }
  if (how == "never_arrives" && concerned)
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  wait_for_all(world);
  if (world.rank() == 0) std::printf("not reached\n");
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc > 1 && argv[1] == std::string("nothing")) {
    const int status = misfit::run(argc, argv, [] {});
    std::printf("status %d, Kokkos %d\n", status, static_cast<int>(Kokkos::is_initialized()));
    return status;
  }
  if (argc > 1 && argv[1] == std::string("known")) {
    const int status = misfit::run(argc, argv, [&] { return ends("status", std::atoi(argv[2])); });
    std::printf("known %d\n", status);
    return 0;
  }
  return misfit::run(argc, argv, [&] { return ends(argv[1], std::atoi(argv[2])); });
}
