// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "scorecard/out_of_memory/cases.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/io/checkpoint.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace misfit::test {

namespace {

/// x whole on every rank, or in slabs, and a number, in a folder of rank 0's.
struct Saved {
  explicit Saved(bool in_slabs) {
    MPI_Bcast(path.data(), static_cast<int>(path.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
    if (in_slabs) slabs.emplace(MPI_COMM_WORLD, Shape{12, 40});
    x = vector_of<double>(1, in_slabs ? slabs->owned_size() : 480);
    state = {{"x", x}, {"iteration", iteration}};
  }
  ~Saved() { MPI_Barrier(MPI_COMM_WORLD); }
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

  void open() {
    checkpoint.reset();
    slabs ? checkpoint.emplace(*slabs, path) : checkpoint.emplace(MPI_COMM_WORLD, path);
  }
  double held() const { return x(1) + iteration; }
  /// What is in the file, if there is one.
  double in_file() {
    if (!checkpoint->exists()) return -1;
    change(0);
    checkpoint->read(Exec(), state);
    return held();
  }
  void change(double value) {
    Kokkos::deep_copy(x, value);
    iteration = 0;
  }

  Folder folder;
  std::string path = folder / "a_state_with_a_long_name.h5";
  std::optional<Slabs> slabs;
  std::optional<io::Checkpoint> checkpoint;
  Kokkos::View<double*, Kokkos::HostSpace> x;
  int iteration = 7;
  bool found = false;
  io::SolverState state;  // made before: what it takes is the user's
};

Trial opened(bool in_slabs) {
  const auto saved = std::make_shared<Saved>(in_slabs);
  return {[=] { saved->open(); }, [=] { return saved->in_file(); }};
}

/// With a file, and other values than in it.
template <typename Call, typename Value>
Trial with_file(bool in_slabs, Call call, Value value) {
  const auto saved = std::make_shared<Saved>(in_slabs);
  saved->open();
  saved->checkpoint->write(Exec(), saved->state);
  saved->change(3);
  return {[=] { call(*saved); }, [=] { return value(*saved); }};
}

}  // namespace

std::vector<Case> cases_of_checkpoints() {
  std::vector<Case> cases;
  for (const bool in_slabs : {false, true}) {
    const std::string name = in_slabs ? "Checkpoint of slabs" : "Checkpoint";
    const auto add = [&](const char* which, auto call, auto value) {
      cases.push_back({name + which, [=] { return with_file(in_slabs, call, value); }});
    };
    cases.push_back({name, [=] { return opened(in_slabs); }});
    add(
        "::exists", [](Saved& s) { s.found = s.checkpoint->exists(); },
        [](Saved& s) { return s.found ? 1.0 : 0.0; });
    add(
        "::write", [](Saved& s) { s.checkpoint->write(Exec(), s.state); },
        [](Saved& s) { return s.in_file(); });
    add(
        "::read", [](Saved& s) { s.checkpoint->read(Exec(), s.state); },
        [](Saved& s) { return s.held(); });
  }
  return cases;
}

}  // namespace misfit::test
