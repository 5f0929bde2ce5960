// SPDX-License-Identifier: BSD-3-Clause
#include "../collectives/mpi.hpp"

#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/decomposition/process_grid.hpp>
#include <misfit/error.hpp>

#include <mpi.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace misfit::detail {

namespace {

// Those ranks of `all` that give one number. A rank that fails tells all others.
Communicator part_of(const Communicator& all, int number) {
  MPI_Comm part = MPI_COMM_NULL;
  std::optional<Communicator> communicator;
  std::exception_ptr failure;
  try {
    check_mpi(MPI_Comm_split(all.native(), number, all.rank(), &part), "MPI_Comm_split");
    communicator.emplace(part);
  } catch (const TimeoutError&) {
    failure = std::current_exception();
    part = MPI_COMM_NULL;  // messages are open on it
  } catch (...) {
    failure = std::current_exception();
  }
  if (part != MPI_COMM_NULL) MPI_Comm_free(&part);
  Internals::of(all).together({"Ensemble", {}}, [&](ErrorContext&) {
    if (failure) std::rethrow_exception(failure);
  });
  return std::move(*communicator);
}

Communicator checked(MPI_Comm comm, int ranks_per_member) {
  Communicator all(comm);
  Internals::of(all).together(
      {"Ensemble", {{"ranks_per_member", ranks_per_member}}}, [&](ErrorContext&) {
        if (ranks_per_member < 1)
          throw ArgumentError("ranks_per_member: is " + std::to_string(ranks_per_member) +
                              ", must be positive");
        if (all.size() % ranks_per_member != 0)
          throw ArgumentError(
              "ranks_per_member: " + std::to_string(all.size()) +
              " ranks make no whole number of members of " + std::to_string(ranks_per_member) +
              "; members exchange pieces of x rank by rank, so that all have as many ranks");
      });
  return all;
}

}  // namespace

ProcessGrid::ProcessGrid(MPI_Comm comm, int ranks_per_member)
    : all_(checked(comm, ranks_per_member)),
      space_(part_of(all_, all_.rank() / ranks_per_member)),
      across_(part_of(all_, all_.rank() % ranks_per_member)) {}

void ProcessGrid::clear_caches() const {
  for (const Communicator* one : {&all_, &space_, &across_}) Internals::of(*one).clear_caches();
}

Communicator ProcessGrid::another_space() const { return part_of(all_, member()); }

}  // namespace misfit::detail
