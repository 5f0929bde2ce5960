// SPDX-License-Identifier: BSD-3-Clause

// Memory that one rank alone does not get, at every allocation of every collective call: all ranks
// throw, or none does and the result is right; and the objects are right when they are used again.

#include "scorecard/check.hpp"
#include "scorecard/out_of_memory/cases.hpp"
#include "scorecard/out_of_memory/refused_memory.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>
#include <misfit/session.hpp>

#include <mpi.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace {

using misfit::test::Case;
using misfit::test::Check;
using misfit::test::Refused;
using misfit::test::RefusedMemory;
using misfit::test::Trial;

constexpr unsigned seconds_of_a_trial = 30;
char what_runs[200];

void hangs(int) {
  const char text[] = "hangs: ";
  [[maybe_unused]] auto said = write(2, text, sizeof(text) - 1);
  said = write(2, what_runs, std::strlen(what_runs));
  said = write(2, "\n", 1);
  _exit(3);
}

enum class End { well, by_error, by_another };

struct Place {
  Refused which;
  int victim, number;
};

/// What a rank saw of a call in which memory was refused.
struct Seen {
  End end = End::well;
  bool refused = false;
  char text[300] = "";
};

Seen seen_of(const Trial& trial, const Place& place, int rank) {
  Seen seen;
  {
    const RefusedMemory memory(rank == place.victim ? place.which : Refused::none, place.number);
    try {
      trial.call();
    } catch (const misfit::Error& error) {
      seen.end = End::by_error;
      std::snprintf(seen.text, sizeof(seen.text), "%s", error.what());
    } catch (const std::exception& error) {
      seen.end = End::by_another;
      std::snprintf(seen.text, sizeof(seen.text), "%s", error.what());
    }
  }
  seen.refused = rank == place.victim && RefusedMemory::asked() >= place.number;
  return seen;
}

class Trials {
 public:
  explicit Trials(Check& check) : check_(check) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  void run(const Case& one) {
    const double right = right_value(one);
    for (const Refused which : {Refused::one, Refused::all_from})
      for (const int victim : {0, size_ - 1})
        for (int number = 1;; number += check_.at_most(1, 7))
          if (!refused_at(one, {which, victim, number}, right)) break;
  }

 private:
  double right_value(const Case& one) const {
    const Trial trial = one.make();
    trial.call();
    return trial.value();
  }

  /// Whether the call asked for memory so often.
  bool refused_at(const Case& one, const Place& place, double right) {
    std::snprintf(what_runs, sizeof(what_runs), "[rank %d] %s, %s %d on rank %d", rank_,
                  one.name.c_str(), place.which == Refused::one ? "allocation" : "all from",
                  place.number, place.victim);
    alarm(seconds_of_a_trial);
    const Trial trial = one.make();
    const Seen seen = seen_of(trial, place, rank_);
    int numbers[3] = {seen.end == End::well ? 0 : 1, seen.end == End::by_another ? 1 : 0,
                      seen.refused ? 1 : 0};
    int ended_well = seen.end == End::well ? 1 : 0;
    // Only the rank without memory may throw what is no misfit::Error.
    if (rank_ == place.victim) numbers[1] = 0;
    MPI_Allreduce(MPI_IN_PLACE, numbers, 3, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &ended_well, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    const bool all_alike = numbers[0] + ended_well == 1;
    bool holds = all_alike && numbers[1] == 0 && (numbers[2] == 1 || numbers[0] == 0);
    if (holds && numbers[0] == 0) holds = trial.value() == right;
    std::string after;
    if (all_alike) {
      try {
        trial.call();
        if (trial.value() != right) after = "; used again it is wrong";
      } catch (const std::exception& error) {
        after = std::string("; used again: ") + error.what();
        check_.tell(what_runs + after);
      }
    }
    if (numbers[2] == 1 || !holds)
      check_.tried(
          holds && after.empty(),
          std::string(what_runs) + ": " + (seen.end == End::well ? "no error" : seen.text) + after);
    alarm(0);
    return numbers[2] == 1;
  }

  Check& check_;
  int rank_ = 0, size_ = 1;
};

/// A call that allocates when ranks have agreed: what must not be.
Case planted() {
  return {"planted", [] {
            const auto comm = std::make_shared<misfit::Communicator>(MPI_COMM_WORLD);
            return Trial{[comm] {
                           double one = 1;
                           comm->sum(&one, 1);
                           const std::vector<double> late(1000);
                         },
                         [] { return 1.0; }};
          }};
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  std::signal(SIGALRM, hangs);
  Trials trials(check);
  if (check.canary()) trials.run(planted());
  for (const auto& cases_of : {misfit::test::cases_of_points, misfit::test::cases_of_pieces,
                               misfit::test::cases_of_communicators,
                               misfit::test::cases_of_fidelities, misfit::test::cases_of_operators})
    for (const Case& one : cases_of()) trials.run(one);
#if defined(MISFIT_FOURIER)
  for (const Case& one : misfit::test::cases_of_transforms()) trials.run(one);
#endif
#if defined(MISFIT_CHECK_CHECKPOINTS)
  for (const Case& one : misfit::test::cases_of_checkpoints()) trials.run(one);
#endif
  return check.finish();
}
