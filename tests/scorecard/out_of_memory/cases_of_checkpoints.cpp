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
  double value() const { return x(1) + iteration; }

  Folder folder;
  std::string path = folder / "a_state_with_a_long_name.h5";
  std::optional<Slabs> slabs;
  std::optional<io::Checkpoint> checkpoint;
  Kokkos::View<double*, Kokkos::HostSpace> x;
  int iteration = 7;
  io::SolverState state;  // made before: what it takes is the user's
};

Trial opened(bool in_slabs) {
  const auto saved = std::make_shared<Saved>(in_slabs);
  return {[=] { saved->open(); }, [=] { return saved->value(); }};
}

template <typename Call>
Trial with_checkpoint(bool in_slabs, Call call) {
  const auto saved = std::make_shared<Saved>(in_slabs);
  saved->open();
  saved->checkpoint->write(Exec(), saved->state);
  return {[=] { call(*saved); }, [=] { return saved->value(); }};
}

}  // namespace

std::vector<Case> cases_of_checkpoints() {
  std::vector<Case> cases;
  for (const bool in_slabs : {false, true}) {
    const std::string name = in_slabs ? "Checkpoint of slabs" : "Checkpoint";
    cases.push_back({name, [=] { return opened(in_slabs); }});
    cases.push_back({name + "::exists", [=] {
                       return with_checkpoint(in_slabs, [](Saved& s) { s.checkpoint->exists(); });
                     }});
    cases.push_back({name + "::write", [=] {
                       return with_checkpoint(
                           in_slabs, [](Saved& s) { s.checkpoint->write(Exec(), s.state); });
                     }});
    cases.push_back({name + "::read", [=] {
                       return with_checkpoint(
                           in_slabs, [](Saved& s) { s.checkpoint->read(Exec(), s.state); });
                     }});
  }
  return cases;
}

}  // namespace misfit::test
