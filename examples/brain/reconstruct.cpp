// SPDX-License-Identifier: BSD-3-Clause
#include "../support/accelerated_gradient.hpp"
#include "acquisitions.hpp"
#include "results.hpp"
#include "slab_images.hpp"
#include "tasks.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace brain {
namespace {

constexpr int most_iterations = 60;
constexpr double most_seconds = 150;     ///< a slow machine stops here
constexpr double least_decrease = 1e-4;  ///< of f, relatively, in one iteration

/// What rank 0 decides, so that clocks and rounding cannot part the ranks.
int decided_by_rank_0(MPI_Comm comm, int decision) {
  MPI_Bcast(&decision, 1, MPI_INT, 0, comm);
  return decision;
}

enum Stop : int { go_on, at_noise, small_decrease, iterations_done, time_over };
const char* const reasons[] = {"", "f has fallen to what the noise alone gives",
                               "f hardly decreases any more", "the iterations are done",
                               "the time is over"};

/// What is solved, in slabs. `exact` only judges it.
struct Problem {
  Exec exec;
  const misfit::Slabs& slabs;
  const Acquisitions& acquisitions;
  const misfit::Measurements<Signal>& y;
  Signal exact;
  double begin;  ///< when the work began, by MPI_Wtime

  int ranks() const { return slabs.space().size(); }
  bool speaks() const { return slabs.space().rank() == 0; }
};

/// Peak signal-to-noise ratio of `x` over all voxels, for a peak of 1 [dB]. Collective.
double psnr(const Problem& problem, const Signal& x) {
  const Signal truth = problem.exact;
  double squares = 0;
  Kokkos::parallel_reduce(
      "brain::psnr", Kokkos::RangePolicy<Exec>(problem.exec, 0, x.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j, double& sum) {
        const double difference = x(j) - truth(j);
        sum += difference * difference;
      },
      squares);
  problem.slabs.space().sum(&squares, 1);
  return -10 * std::log10(squares / static_cast<double>(problem.slabs.shape().size()));
}

/// How it was solved. The history is on rank 0 alone.
struct Outcome {
  double psnr_of_start = 0, norm_squared_bound = 0, f_of_noise = 0, f_at_truth = 0;
  int stop = go_on;
  Json history = Json::array();
  double f_of_result = 0, psnr_of_result = 0, seconds = 0;

  /// ∇f has the Lipschitz constant |A|^2 / sigma^2.
  double step() const { return 1 / (norm_squared_bound / (noise * noise)); }
};

/// What is known of the start `x` and of the problem before the first iteration.
Outcome before_iterations(const Problem& problem, const Signal& x) {
  Outcome outcome;
  outcome.psnr_of_start = psnr(problem, x);
  if (problem.speaks())
    std::printf("  start: mean of the acquisitions, upsampled   PSNR %.2f dB\n",
                outcome.psnr_of_start);
  outcome.norm_squared_bound = problem.acquisitions.norm_squared_bound<float>(problem.exec);
  if (problem.speaks())
    std::printf("  |A|^2 is at most %.3f; step %.2e\n", outcome.norm_squared_bound, outcome.step());
  // Of Gaussian noise of deviation sigma alone, f is half the number of measured numbers.
  outcome.f_of_noise =
      0.5 * count * static_cast<double>(acquisition_shape(problem.slabs.shape()).size());
  return outcome;
}

/// After an iteration that found `f`, and one before it that found `f_before`.
Stop reason_to_stop(int iteration, double f, double f_before, double f_of_noise, double seconds) {
  const double decrease = (f_before - f) / f;
  if (f <= f_of_noise) return at_noise;
  if (iteration > 1 && decrease >= 0 && decrease < least_decrease) return small_decrease;
  if (iteration == most_iterations) return iterations_done;
  if (seconds > most_seconds) return time_over;
  return go_on;
}

/// Prints the first and the last iteration, and one every two seconds.
class Progress {
 public:
  void print(int iteration, double f, double quality, double seconds, const Outcome& outcome) {
    if (iteration > 1 && outcome.stop == go_on && seconds - printed_ < 2) return;
    printed_ = seconds;
    const double left = (MPI_Wtime() - begin_) / iteration * (most_iterations - iteration);
    std::printf(
        "  iteration %2d (of at most %d)   f %.4e (%.3f of noise)   PSNR %.2f dB   at most %.0f s "
        "left\n",
        iteration, most_iterations, f, f / outcome.f_of_noise, quality, left);
  }

 private:
  double begin_ = MPI_Wtime(), printed_ = 0;
};

/// Improves `x` until there is a reason to stop.
void iterate(const Problem& problem, const Signal& x, Outcome& outcome) {
  const Exec& exec = problem.exec;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{noise});
  examples::AcceleratedGradient method(exec, x, outcome.step());
  Progress progress;
  double f_before = 0;
  for (int iteration = 1; outcome.stop == go_on; ++iteration) {
    const double f = fidelity.fn_and_grad(exec, method.point(), problem.y, problem.acquisitions,
                                          method.gradient());
    const double seconds = MPI_Wtime() - problem.begin;
    outcome.stop =
        decided_by_rank_0(problem.slabs.space().native(),
                          reason_to_stop(iteration, f, f_before, outcome.f_of_noise, seconds));
    method.step(exec, f);
    f_before = f;

    const double quality = psnr(problem, method.solution());
    if (!problem.speaks()) continue;
    outcome.history.push_back(
        {{"iteration", iteration}, {"f", f}, {"psnr", quality}, {"seconds", seconds}});
    progress.print(iteration, f, quality, seconds, outcome);
  }
  outcome.f_of_result = fidelity.fn(exec, x, problem.y, problem.acquisitions);
  outcome.psnr_of_result = psnr(problem, x);
  outcome.seconds = MPI_Wtime() - problem.begin;
  outcome.f_at_truth = fidelity.fn(exec, problem.exact, problem.y, problem.acquisitions);
}

void print_result(const Outcome& outcome) {
  std::printf("  stopped: %s\n", reasons[outcome.stop]);
  std::printf("  result: PSNR %.2f dB, %+.2f dB on the upsampled mean; %.1f s\n",
              outcome.psnr_of_result, outcome.psnr_of_result - outcome.psnr_of_start,
              outcome.seconds);
  if (!(outcome.psnr_of_result > outcome.psnr_of_start))
    std::printf("  Notice: the result is no better than the upsampled mean.\n");
}

/// The slices that the report shows. On rank 0 alone, which has the volume, `start` and `result`.
void write_images(const std::string& directory, const Exec& exec, const Volume& truth,
                  const std::vector<float>& start, const std::vector<float>& result) {
  const auto at = middle(truth.shape);
  write_slices(directory, "truth", truth.shape, truth.values, at);
  write_slices(directory, "start", truth.shape, start, at);
  write_slices(directory, "result", truth.shape, result, at);
  // Acquisition 0, whole: its entry k lies on voxel 2k.
  const misfit::Slabs whole(MPI_COMM_SELF, truth.shape);
  const Acquisitions first = make_acquisitions(whole, 1);
  const auto y = acquire(exec, whole, first, to_device(exec, truth.values, "brain::truth"));
  write_slices(directory, "acquisition", acquisition_shape(truth.shape), to_host(exec, y[0]),
               {at[0] / 2, at[1] / 2, at[2] / 2});
}

void write_outcome(const std::string& path, const Problem& problem, const Volume& truth,
                   const Outcome& outcome) {
  write_json(path, {{"method", "FISTA with projection on x >= 0, restarted where f grows"},
                    {"ranks", problem.ranks()},
                    {"norm_squared_bound", outcome.norm_squared_bound},
                    {"step", outcome.step()},
                    {"f_of_noise", outcome.f_of_noise},
                    {"f_at_truth", outcome.f_at_truth},
                    {"f_of_result", outcome.f_of_result},
                    {"psnr_of_start", outcome.psnr_of_start},
                    {"psnr_of_result", outcome.psnr_of_result},
                    {"seconds", outcome.seconds},
                    {"stopped_because", reasons[outcome.stop]},
                    {"middle_zyx", middle(truth.shape)},
                    {"history", outcome.history}});
}

}  // namespace

void reconstruct(const Options& options, const Volume& truth,
                 const misfit::Communicator& communicator) {
  const Exec exec;
  const misfit::Slabs slabs(communicator.native(), truth.shape);
  const Acquisitions acquisitions = make_acquisitions(slabs, count);
  const Signal exact = scattered(exec, slabs, truth.values);
  const int ranks = communicator.size();
  if (communicator.rank() == 0)
    std::printf("\nReconstruction on %d rank%s, in slabs: FISTA with projection on x >= 0\n", ranks,
                ranks > 1 ? "s" : "");

  const double start_time = MPI_Wtime();
  const auto y = acquire(exec, slabs, acquisitions, exact);
  const Problem problem{exec, slabs, acquisitions, y, exact, start_time};
  const Signal x = upsampled_mean(exec, slabs, y);
  const auto start = gathered(exec, slabs, x);
  Outcome outcome = before_iterations(problem, x);
  iterate(problem, x, outcome);
  const auto result = gathered(exec, slabs, x);
  if (!problem.speaks()) return;

  print_result(outcome);
  if (options.output.empty()) return;
  write_images(options.output, exec, truth, start, result);
  write_outcome(options.output + "/reconstruction.json", problem, truth, outcome);
}

}  // namespace brain
