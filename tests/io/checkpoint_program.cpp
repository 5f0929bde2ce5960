// SPDX-License-Identifier: BSD-3-Clause

// A program that goes on from a checkpoint, if there is one, and writes one after the other until
// it is killed, or for half a minute. Arguments:
//
//     PATH FORM [over]
//
// FORM is how x and z are held: whole, rows or columns. With "over" files are written over the one
// before, as checkpoints must not be. Every rank prints "pid N"; rank 0 prints "goes on after N" or
// "starts", and "has N" when that checkpoint is written. A checkpoint that is not whole ends it.

#include "io/checkpoint_test.hpp"

#include <misfit/error.hpp>
#include <misfit/run.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

namespace {

using misfit::test::entry;
using Complex = Kokkos::complex<float>;
constexpr std::size_t some = 1000;  // that many iterations have entries of their own

struct State {
  const misfit::test::Held held;
  Kokkos::View<double*, Kokkos::HostSpace> x{"x", held.size};
  Kokkos::View<Complex*, Kokkos::HostSpace> z{"z", held.size};
  std::size_t iteration = 0;
  double t = 0;
  const misfit::io::SolverState all{{"x", x}, {"z", z}, {"iteration", iteration}, {"t", t}};

  void iterate() {
    t = 0.5 * static_cast<double>(++iteration);
    for (std::size_t j = 0; j < held.size; ++j) {
      x(j) = entry<double>(held.index(j) + iteration % some);
      z(j) = entry<Complex>(held.index(j) + iteration % some + 1);
    }
  }
  bool is_whole() const {
    bool right = t == 0.5 * static_cast<double>(iteration);
    for (std::size_t j = 0; j < held.size; ++j)
      right = right && x(j) == entry<double>(held.index(j) + iteration % some) &&
              z(j) == entry<Complex>(held.index(j) + iteration % some + 1);
    return right;
  }
};

void write_over(const std::string& from, const std::string& to) {
  const auto bytes = misfit::test::bytes_of(from);
  std::ofstream file(to, std::ios::binary);
  for (std::size_t at = 0; at < bytes.size(); at += 4096)
    file << bytes.substr(at, 4096) << std::flush;
}

void say(const char* what, std::size_t iteration) {
  if (misfit::test::world_rank() == 0) std::printf("%s %zu\n", what, iteration);
  std::fflush(stdout);
}

void iterate(const std::string& path, const std::string& form, bool over) {
  const misfit::test::Host exec;
  const auto cut =
      form == "whole" ? misfit::test::Cut() : misfit::test::Cut(form == "rows" ? 0 : 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  State state{{MPI_COMM_WORLD, {32, 64, 48}, cut, path}};
  if (state.held.checkpoint->exists()) {
    state.held.checkpoint->read(exec, state.all);
    if (!state.is_whole()) throw misfit::Error("the checkpoint is not whole");
    say("goes on after", state.iteration);
  } else {
    say("starts", 0);
  }
  const misfit::test::Held aside(MPI_COMM_WORLD, {32, 64, 48}, cut, path + ".new");
  while (std::chrono::steady_clock::now() < end) {
    state.iterate();
    (over ? aside : state.held).checkpoint->write(exec, state.all);
    if (over && misfit::test::world_rank() == 0) write_over(path + ".new", path);
    say("has", state.iteration);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  std::printf("pid %d\n", static_cast<int>(::getpid()));
  std::fflush(stdout);
  if (argc < 3) return 2;
  return misfit::run(argc, argv, [&] { iterate(argv[1], argv[2], argc > 3); });
}
