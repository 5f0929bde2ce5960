// SPDX-License-Identifier: BSD-3-Clause

// Prints the names of the passes and an empty line; then, for each name on the standard input, the
// seconds of one call.

#include "pass.hpp"

#include <misfit/session.hpp>

#include <chrono>
#include <iostream>
#include <string>

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  misfit::test::Passes passes;
  misfit::test::add_pointwise_passes(passes);
  misfit::test::add_matrix_passes(passes);
  misfit::test::add_image_passes(passes);
  for (const auto& [name, call] : passes) {
    call();  // allocates what it keeps
    std::cout << name << '\n';
  }
  std::cout << std::endl;
  for (std::string name; std::getline(std::cin, name);) {
    const auto start = std::chrono::steady_clock::now();
    passes.at(name)();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::cout << time.count() << std::endl;
  }
}
