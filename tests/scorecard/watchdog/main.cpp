// SPDX-License-Identifier: BSD-3-Clause

// Ranks that do not come to a collective call under MISFIT_TIMEOUT: those that wait throw one error
// in time, which names all that are missing and no others; these throw it when they come too late.

#include "scorecard/check.hpp"
#include "scorecard/watchdog/calls.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using misfit::test::Check;
using misfit::test::limit_text;
using misfit::test::WatchedCall;

constexpr double limit = 0.3, most_over = 1;
constexpr std::chrono::milliseconds long_enough(1500);

/// What a missing rank does: not the call; the call later; the call, in which its operators take
/// long; or it is stopped, and later goes on.
enum class Way { skips, sleeps, computes, stopped };
constexpr const char* names[] = {"skips", "sleeps", "computes", "is stopped"};

void be_stopped() {
  const std::string wake = "(sleep 1.5; kill -CONT " + std::to_string(getpid()) + ") &";
  if (std::system(wake.c_str()) == 0) kill(getpid(), SIGSTOP);
}

/// "rank 2", "ranks 0, 3, 5-7": written here once more.
std::string text_of(const std::vector<bool>& missing) {
  std::string text;
  int number = 0;
  for (std::size_t k = 0; k < missing.size(); ++k) {
    if (!missing[k]) continue;
    ++number;
    const bool before = k > 0 && missing[k - 1], after = k + 1 < missing.size() && missing[k + 1];
    const bool long_before = before && k > 1 && missing[k - 2];
    if (before && after) continue;
    if (!text.empty()) text += before && long_before ? "-" : ", ";
    text += std::to_string(k);
  }
  return (number == 1 ? "rank " : "ranks ") + text;
}

std::string thrown_by(const WatchedCall& call) {
  try {
    call.run();
  } catch (const misfit::TimeoutError& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

/// make_call() once more while the machine is so busy that a rank is not in time to make the
/// objects.
WatchedCall made(int kind, const std::function<void()>& delay) {
  for (;;) {
    std::optional<WatchedCall> call;
    try {
      call.emplace(misfit::test::make_call(kind, delay));
    } catch (const misfit::TimeoutError& error) {
      std::fprintf(stderr, "making the objects: %s; once more\n", error.what());
    }
    int all = call ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (all == 1) return *call;
  }
}

class Watchdog {
 public:
  explicit Watchdog(Check& check) : check_(check), random_(check.seed()) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  void run(int kind, Way way) {
    const std::vector<bool> missing = some_ranks();
    const bool here = !missing[static_cast<std::size_t>(rank_)];
    bool delays = false;
    const WatchedCall call = made(kind, [&] {
      if (delays) std::this_thread::sleep_for(long_enough);
      delays = false;
    });
    delays = !here && way == Way::computes;
    const std::string text =
        call.name + ": " + text_of(missing) + " did not arrive within " + limit_text + " s";
    const std::string expected = here ? text
                                      : text + "; this is rank " + std::to_string(rank_) +
                                            ", and the others went on without it";

    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    const bool comes_in_time = check_.canary() && !here;  // the planted fault: the wrong ranks
    if (!here && !comes_in_time) {
      if (way == Way::sleeps) std::this_thread::sleep_for(long_enough);
      if (way == Way::stopped) be_stopped();
    }
    const bool calls = here || way != Way::skips || comes_in_time;
    const std::string seen = calls ? thrown_by(call) : expected;
    const double over = MPI_Wtime() - start - limit;
    if (here) check_.figure(over);
    check_.tried(seen == expected && (!here || (over > -0.1 * limit && over < most_over)),
                 call.name + ", " + text_of(missing) + " " + names[static_cast<int>(way)] + ": " +
                     seen + ", " + std::to_string(over) + " s after the limit");
  }

  /// The last rank leaves main() while the others wait for it: they still end in time.
  int left_by_the_last() {
    const WatchedCall call = made(3, [] {});
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank_ == size_ - 1) return 0;
    const std::string seen = thrown_by(call);
    const std::string expected =
        "sum: rank " + std::to_string(size_ - 1) + " did not arrive within " + limit_text + " s";
    if (seen == expected) return 0;
    std::fprintf(stderr, "[rank %d] the last rank has left: %s\n", rank_, seen.c_str());
    return 1;
  }

 private:
  /// At least one, not all; the same on all ranks.
  std::vector<bool> some_ranks() {
    std::vector<bool> missing(static_cast<std::size_t>(size_));
    for (int number = 0; number == 0 || number == size_;) {
      number = 0;
      for (std::size_t k = 0; k < missing.size(); ++k) {
        missing[k] = random_() % 2 == 0;
        if (missing[k]) ++number;
      }
    }
    return missing;
  }

  Check& check_;
  std::mt19937 random_;
  int rank_ = 0, size_ = 1;
};

}  // namespace

int main(int argc, char* argv[]) {
  int provided = 0, status = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  {
    const Kokkos::ScopeGuard kokkos(argc, argv);
    Check check(argc, argv);
    Watchdog watchdog(check);
    const int kinds = misfit::test::kinds_of_calls(), last = kinds - 1;
    const int cases = check.at_most(60, 12);
    for (int k = 0; k < cases; ++k) watchdog.run(k % last, static_cast<Way>((k + k / last) % 4));
    watchdog.run(last, Way::skips);
    status = check.finish();
    if (!check.canary()) status |= watchdog.left_by_the_last();
  }
  MPI_Finalize();
  return status;
}
