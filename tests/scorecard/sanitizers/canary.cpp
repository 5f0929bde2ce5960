// SPDX-License-Identifier: BSD-3-Clause

// Faults for sanitizers to find, in a program that runs MPI and Kokkos: leak, read (beyond an
// array), view (beyond the extents of a View), container, overflow, race, or uninitialised.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <climits>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

// Through volatile variables, so that compilers do not see what is coming.
volatile int seven = 7, most = INT_MAX, counter = 0;
int* volatile memory = nullptr;

void commit(const std::string& fault) {
  if (fault == "leak") {
    memory = new int[100];
    memory = nullptr;
  }
  if (fault == "read") {
    memory = new int[7];
    counter = memory[seven];
    delete[] memory;
  }
  if (fault == "view") {
    const Kokkos::View<int**> view("view", 3, 10);
    counter = view(1, seven + 3);
  }
  if (fault == "container") {
    std::vector<int> seven_of(7);
    seven_of.reserve(20);
    counter = seven_of[static_cast<std::size_t>(seven)];
  }
  if (fault == "overflow") counter = most + seven;
  if (fault == "race") {
    int sum = 0;
    std::thread other([&sum] { sum += seven; });
    sum += seven;
    other.join();
    counter = sum;
  }
  if (fault == "uninitialised") {
    memory = new int[7];
    if (memory[seven - 1] > 0) std::printf("positive\n");
    delete[] memory;
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) return 2;
  const misfit::Session session(argc, argv);
  commit(argv[1]);
}
