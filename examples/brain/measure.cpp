// SPDX-License-Identifier: BSD-3-Clause
#include "acquisitions.hpp"
#include "results.hpp"
#include "slab_images.hpp"
#include "tasks.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace brain {
namespace {

constexpr int operators_a_rank = 4;  ///< in the weak series

/// Times of one call, each the longest of all ranks [s].
struct Timing {
  double median, least, most;
  int repetitions;
  double share_of_core;  ///< processor time over time, of the rank that got least; waiting in MPI
                         ///< counts
};

/// Repeats `call` for about `seconds`, but 3 to 50 times, after one call that is not counted.
template <typename Call>
Timing time(const Exec& exec, MPI_Comm comm, double seconds, Call&& call) {
  call();
  std::vector<double> times;
  double total = 0;
  const std::clock_t processor_begin = std::clock();
  const double begin = MPI_Wtime();
  while (times.size() < 3 || (times.size() < 50 && total < seconds)) {
    exec.fence();
    MPI_Barrier(comm);
    const double start = MPI_Wtime();
    call();
    exec.fence();
    double elapsed = MPI_Wtime() - start;
    MPI_Allreduce(MPI_IN_PLACE, &elapsed, 1, MPI_DOUBLE, MPI_MAX, comm);
    times.push_back(elapsed);
    total += elapsed;
  }
  double share =
      static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC / (MPI_Wtime() - begin);
  MPI_Allreduce(MPI_IN_PLACE, &share, 1, MPI_DOUBLE, MPI_MIN, comm);
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.back(), static_cast<int>(times.size()),
          share};
}

/// Times at growing numbers of ranks, each added by a run of its own: what scaling.json holds.
class Series {
 public:
  Series(const Options& options, int ranks)
      : task_(options.task),
        ranks_(ranks),
        file_(options.output.empty() ? "" : options.output + "/scaling.json") {
    if (file_.empty()) return;
    if (const Json before = read_json(file_); before.is_array()) rows_ = before;
  }

  int operators() const { return grows() ? operators_a_rank * ranks_ : count; }

  /// Once for all runs.
  void print_heading() const {
    if (first_time("fn") > 0) return;
    if (grows())
      std::printf("Weak scaling: %d operators a rank\n", operators_a_rank);
    else if (task_ == Task::measure_slabs)
      std::printf("Slabs: the volume and the %d operators cut over the ranks\n", operators());
    else
      std::printf("Strong scaling: the %d operators over the ranks\n", operators());
    std::printf("  ranks  operators  call         median [ms]  speed-up  efficiency  Gflop/s\n");
  }

  /// Adds and prints the time of `call`, which takes `flops` operations; `f` is its value.
  void add(const char* call, const Timing& timing, double flops, double f) {
    share_of_core_ = std::min(share_of_core_, timing.share_of_core);
    const double first = first_time(call), milliseconds = 1e3 * timing.median;
    // The weak series does more work on more ranks: its speed-up is that of work per time.
    const double ratio = first > 0 ? first / milliseconds : 1;
    const double speed_up = grows() ? ratio * ranks_ : ratio, efficiency = speed_up / ranks_;
    const double gflop_per_second = flops / timing.median * 1e-9;
    std::printf("  %5d  %9d  %-11s  %11.1f  %8.2f  %8.0f %%  %7.1f\n", ranks_, operators(), call,
                milliseconds, speed_up, 100 * efficiency, gflop_per_second);
    rows_.push_back({{"series", name()},
                     {"ranks", ranks_},
                     {"operators", operators()},
                     {"call", call},
                     {"milliseconds", milliseconds},
                     {"least_milliseconds", 1e3 * timing.least},
                     {"most_milliseconds", 1e3 * timing.most},
                     {"repetitions", timing.repetitions},
                     {"share_of_core", timing.share_of_core},
                     {"speed_up", speed_up},
                     {"efficiency", efficiency},
                     {"gflop_per_second", gflop_per_second},
                     {"f_at_truth", f}});
  }

  /// Says what makes the times doubtful, and writes the file.
  void finish() const {
    if (share_of_core_ < 0.9)
      std::printf(
          "         Notice: a rank got %.0f %% of a core; other work disturbs these times.\n",
          100 * share_of_core_);
    if (!file_.empty()) write_json(file_, rows_);
  }

 private:
  bool grows() const { return task_ == Task::measure_weak; }
  std::string name() const {
    if (task_ == Task::measure_slabs) return "slabs";
    return grows() ? "weak" : "strong";
  }
  /// The time of `call` at the smallest number of ranks, 0 if there is none yet.
  double first_time(const char* call) const {
    for (const auto& row : rows_)
      if (row["series"] == name() && row["call"] == call) return row["milliseconds"];
    return 0;
  }

  Task task_;
  int ranks_;
  std::string file_;
  Json rows_ = Json::array();
  double share_of_core_ = 1;
};

/// The volume, which rank 0 has, whole on every rank.
Signal on_all_ranks(const Exec& exec, const misfit::Communicator& communicator,
                    const Volume& volume) {
  Signal x("brain::x", volume.shape.size());
  if (communicator.rank() == 0)
    Kokkos::deep_copy(exec, x, to_device(exec, volume.values, "brain::read"));
  communicator.broadcast(exec, x, 0);
  return x;
}

}  // namespace

void measure(const Options& options, const Volume& truth,
             const misfit::Communicator& communicator) {
  const Exec exec;
  const MPI_Comm comm = communicator.native();
  Series series(options, communicator.size());
  const int n = series.operators();
  if (communicator.rank() == 0) series.print_heading();

  const misfit::Slabs slabs(comm, truth.shape);
  const bool in_slabs = options.task == Task::measure_slabs;
  const Signal x =
      in_slabs ? scattered(exec, slabs, truth.values) : on_all_ranks(exec, communicator, truth);
  const Acquisitions acquisitions =
      in_slabs ? make_acquisitions(slabs, n) : make_acquisitions(comm, n, truth.shape);
  const auto y = acquire(exec, acquisitions, truth.shape, x);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{noise});
  Signal gradient("brain::gradient", x.extent(0));
  double f = 0;
  const double flops_of_all =
      2.0 * taps * taps * taps * n * static_cast<double>(acquisition_shape(truth.shape).size());

  const auto measure_call = [&](const char* name, int applications, auto&& call) {
    const Timing timing = time(exec, comm, options.quick ? 0.5 : 2.5, call);
    if (communicator.rank() == 0) series.add(name, timing, applications * flops_of_all, f);
  };
  measure_call("fn", 1, [&] { f = fidelity.fn(exec, x, y, acquisitions); });
  measure_call("grad", 2, [&] { fidelity.grad(exec, x, y, acquisitions, gradient); });
  measure_call("fn_and_grad", 2,
               [&] { f = fidelity.fn_and_grad(exec, x, y, acquisitions, gradient); });
  if (communicator.rank() == 0) series.finish();
}

}  // namespace brain
