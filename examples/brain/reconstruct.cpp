// SPDX-License-Identifier: BSD-3-Clause
#include "../support/accelerated_gradient.hpp"
#include "acquisitions.hpp"
#include "results.hpp"
#include "tasks.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <cmath>
#include <cstdio>

namespace brain {
namespace {

constexpr int most_iterations = 60;
constexpr double most_seconds = 150;     ///< a slow machine stops here
constexpr double least_decrease = 1e-4;  ///< of f, relatively, in one iteration

/// Peak signal-to-noise ratio over all voxels, for a peak of 1 [dB].
double psnr(const Exec& exec, const Signal& x, const Signal& truth) {
  double squares = 0;
  Kokkos::parallel_reduce(
      "brain::psnr", Kokkos::RangePolicy<Exec>(exec, 0, x.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j, double& sum) {
        const double difference = x(j) - truth(j);
        sum += difference * difference;
      },
      squares);
  return -10 * std::log10(squares / static_cast<double>(x.extent(0)));
}

/// What rank 0 decides, so that clocks and rounding cannot part the ranks.
int decided_by_rank_0(MPI_Comm comm, int decision) {
  MPI_Bcast(&decision, 1, MPI_INT, 0, comm);
  return decision;
}

enum Stop : int { go_on, at_noise, small_decrease, iterations_done, time_over };
const char* const reasons[] = {"", "f has fallen to what the noise alone gives",
                               "f hardly decreases any more", "the iterations are done",
                               "the time is over"};

}  // namespace

void reconstruct(const Options& options, const Volume& truth, MPI_Comm comm) {
  const Exec exec;
  const Acquisitions acquisitions = make_acquisitions(comm, count, truth.shape);
  const bool speaks = acquisitions.communicator().rank() == 0;
  const misfit::Shape sampled = acquisition_shape(truth.shape);
  const Signal exact = to_device(exec, truth.values, "brain::truth");
  if (speaks)
    std::printf("Reconstruction on %d rank%s: FISTA with projection on x >= 0\n",
                acquisitions.communicator().size(),
                acquisitions.communicator().size() > 1 ? "s" : "");

  const double begin = MPI_Wtime();
  const auto y = acquire(exec, acquisitions, exact);
  const auto start = upsampled(sampled, mean_of(exec, acquisitions, y), truth.shape);
  const Signal x = to_device(exec, start, "brain::x");
  const double psnr_of_start = psnr(exec, x, exact);
  if (speaks)
    std::printf("  start: mean of the acquisitions, upsampled   PSNR %.2f dB\n", psnr_of_start);

  // ∇f has the Lipschitz constant |A|^2 / sigma^2.
  const double norm_squared_bound = acquisitions.norm_squared_bound<float>(exec);
  const double lipschitz = norm_squared_bound / (noise * noise);
  if (speaks)
    std::printf("  |A|^2 is at most %.3f; step %.2e\n", norm_squared_bound, 1 / lipschitz);

  // Of Gaussian noise of deviation sigma alone, f is half the number of measured numbers.
  const double f_of_noise = 0.5 * count * static_cast<double>(sampled.size());
  const misfit::DistributedDataFidelity fidelity(misfit::L2{noise});
  examples::AcceleratedGradient method(exec, x, 1 / lipschitz);
  Json history = Json::array();
  const double loop_begin = MPI_Wtime();
  double f_before = 0, printed = 0;
  int stop = go_on;
  for (int iteration = 1; stop == go_on; ++iteration) {
    const double f = fidelity.fn_and_grad(exec, method.point(), y, acquisitions, method.gradient());
    const double seconds = MPI_Wtime() - begin, decrease = (f_before - f) / f;
    if (f <= f_of_noise)
      stop = at_noise;
    else if (iteration > 1 && decrease >= 0 && decrease < least_decrease)
      stop = small_decrease;
    else if (iteration == most_iterations)
      stop = iterations_done;
    else if (seconds > most_seconds)
      stop = time_over;
    stop = decided_by_rank_0(comm, stop);
    method.step(exec, f > f_before && iteration > 1);
    f_before = f;

    const double quality = psnr(exec, method.solution(), exact);
    if (!speaks) continue;
    history.push_back(
        {{"iteration", iteration}, {"f", f}, {"psnr", quality}, {"seconds", seconds}});
    if (iteration > 1 && stop == go_on && seconds - printed < 2) continue;
    printed = seconds;
    const double left = (MPI_Wtime() - loop_begin) / iteration * (most_iterations - iteration);
    std::printf(
        "  iteration %2d (of at most %d)   f %.4e (%.3f of noise)   PSNR %.2f dB   at most %.0f s "
        "left\n",
        iteration, most_iterations, f, f / f_of_noise, quality, left);
  }

  const Signal result = method.solution();
  const double f = fidelity.fn(exec, result, y, acquisitions);
  if (!speaks) return;
  const double psnr_of_result = psnr(exec, result, exact), seconds = MPI_Wtime() - begin;
  std::printf("  stopped: %s\n", reasons[stop]);
  std::printf("  result: PSNR %.2f dB, %+.2f dB on the upsampled mean; %.1f s\n", psnr_of_result,
              psnr_of_result - psnr_of_start, seconds);

  if (!(psnr_of_result > psnr_of_start))
    std::printf("  Notice: the result is no better than the upsampled mean.\n");
  if (options.output.empty()) return;

  const auto at = middle(truth.shape);
  write_slices(options.output, "truth", truth.shape, truth.values, at);
  write_slices(options.output, "start", truth.shape, start, at);
  write_slices(options.output, "result", truth.shape, to_host(exec, result), at);
  // Round-robin: acquisition 0 is on rank 0. Its entry k lies on voxel 2k.
  write_slices(options.output, "acquisition", sampled, to_host(exec, y[0]),
               {at[0] / 2, at[1] / 2, at[2] / 2});
  write_json(options.output + "/reconstruction.json",
             {{"method", "FISTA with projection on x >= 0, restarted where f grows"},
              {"ranks", acquisitions.communicator().size()},
              {"norm_squared_bound", norm_squared_bound},
              {"step", 1 / lipschitz},
              {"f_of_noise", f_of_noise},
              {"f_of_result", f},
              {"psnr_of_start", psnr_of_start},
              {"psnr_of_result", psnr_of_result},
              {"seconds", seconds},
              {"stopped_because", reasons[stop]},
              {"middle_zyx", at},
              {"history", history}});
}

}  // namespace brain
