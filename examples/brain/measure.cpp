// SPDX-License-Identifier: BSD-3-Clause
#include "acquisitions.hpp"
#include "results.hpp"
#include "tasks.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

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

/// The time of `call` at the smallest number of ranks that `rows` tells of.
double first_time(const Json& rows, const std::string& series, const char* call) {
  for (const auto& row : rows)
    if (row["series"] == series && row["call"] == call) return row["milliseconds"];
  return 0;
}

void print_heading(bool strong, int n) {
  if (strong)
    std::printf("Strong scaling: the %d operators over the ranks\n", n);
  else
    std::printf("Weak scaling: %d operators a rank\n", operators_a_rank);
  std::printf("  ranks  operators  call         median [ms]  speed-up  efficiency  Gflop/s\n");
}

}  // namespace

void measure(const Options& options, const Volume& truth, MPI_Comm comm) {
  const Exec exec;
  int ranks = 1, rank = 0;
  MPI_Comm_size(comm, &ranks);
  MPI_Comm_rank(comm, &rank);
  const bool strong = options.task == Task::measure_strong;
  const std::string series = strong ? "strong" : "weak", file = options.output + "/scaling.json";
  const int n = strong ? count : operators_a_rank * ranks;
  Json rows = Json::array();
  if (!options.output.empty())
    if (const Json before = read_json(file); before.is_array()) rows = before;
  if (rank == 0 && first_time(rows, series, "fn") == 0) print_heading(strong, n);

  const Signal x = to_device(exec, truth.values, "brain::x");
  const Acquisitions acquisitions = make_acquisitions(comm, n, truth.shape);
  const auto y = acquire(exec, acquisitions, x);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{noise});
  Signal gradient("brain::gradient", x.extent(0));
  double f = 0, share_of_core = 1;

  const auto measure_call = [&](const char* name, int applications, auto&& call) {
    const Timing timing = time(exec, comm, options.quick ? 0.5 : 2.5, call);
    if (rank != 0) return;
    share_of_core = std::min(share_of_core, timing.share_of_core);
    const double first = first_time(rows, series, name), milliseconds = 1e3 * timing.median;
    // The weak series does more work on more ranks: its speed-up is that of work per time.
    const double ratio = first > 0 ? first / milliseconds : 1;
    const double speed_up = strong ? ratio : ratio * ranks, efficiency = speed_up / ranks;
    const double flops = 2.0 * taps * taps * taps * applications * n *
                         static_cast<double>(acquisitions.range_size(0));
    std::printf("  %5d  %9d  %-11s  %11.1f  %8.2f  %8.0f %%  %7.1f\n", ranks, n, name, milliseconds,
                speed_up, 100 * efficiency, flops / timing.median * 1e-9);
    rows.push_back({{"series", series},
                    {"ranks", ranks},
                    {"operators", n},
                    {"call", name},
                    {"milliseconds", milliseconds},
                    {"least_milliseconds", 1e3 * timing.least},
                    {"most_milliseconds", 1e3 * timing.most},
                    {"repetitions", timing.repetitions},
                    {"share_of_core", timing.share_of_core},
                    {"speed_up", speed_up},
                    {"efficiency", efficiency},
                    {"gflop_per_second", flops / timing.median * 1e-9},
                    {"f_at_truth", f}});
  };
  measure_call("fn", 1, [&] { f = fidelity.fn(exec, x, y, acquisitions); });
  measure_call("grad", 2, [&] { fidelity.grad(exec, x, y, acquisitions, gradient); });
  measure_call("fn_and_grad", 2,
               [&] { f = fidelity.fn_and_grad(exec, x, y, acquisitions, gradient); });
  if (rank != 0) return;
  if (share_of_core < 0.9)
    std::printf("         Notice: a rank got %.0f %% of a core; other work disturbs these times.\n",
                100 * share_of_core);
  if (!options.output.empty()) write_json(file, rows);
}

}  // namespace brain
