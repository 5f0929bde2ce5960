// SPDX-License-Identifier: BSD-3-Clause

// Phase retrieval from coded diffraction patterns: a complex image from the magnitudes of its
// Fourier transforms behind several random masks, which are spread over ranks (E. J. Candès, X. Li
// and M. Soltanolkotabi, "Phase retrieval from coded diffraction patterns", 2015).

#include "../support/arguments.hpp"
#include "../support/images.hpp"
#include "../support/output.hpp"
#include "../support/picture.hpp"
#include "object.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/run.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace {

using phase_retrieval::Image;
using phase_retrieval::mask;
using phase_retrieval::shape;
using Intensities = Kokkos::View<float*>;

const char* const usage =
    "usage: phase_retrieval IMAGE [OPTION]...\n"
    "\n"
    "Takes two slices of IMAGE, a NIfTI file, as magnitude and phase of a complex image, and\n"
    "computes it from the magnitudes of its Fourier transforms behind random masks, on the ranks\n"
    "of mpirun.\n"
    "\n"
    "  --volume V        of a file that holds several\n"
    "  --masks N         default 8\n"
    "  --start HOW       spectral or random; default spectral\n"
    "  --iterations N    default 200\n"
    "  --output DIR      where picture.png goes; default example_output/phase_retrieval\n";

/// x *= a.
void scale(const Kokkos::DefaultExecutionSpace& exec, const Image& x, double a) {
  const auto factor = static_cast<float>(a);
  Kokkos::parallel_for(
      "scale", Kokkos::RangePolicy<>(exec, 0, x.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j) { x(j) *= factor; });
}

double sum(const Intensities& y) {
  const auto values = examples::on_host(y);
  return std::accumulate(values.data(), values.data() + values.extent(0), 0.0);
}

/// w = y / (y + mean), which grows with the intensities, but lets no few of them decide alone.
Intensities weights_of(const Kokkos::DefaultExecutionSpace& exec, const Intensities& y,
                       float mean) {
  Intensities w("weights", y.extent(0));
  Kokkos::parallel_for(
      "weights", Kokkos::RangePolicy<>(exec, 0, y.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j) { w(j) = y(j) / (y(j) + mean); });
  exec.fence();
  return w;
}

/// The leading eigenvector of Σ B_i^H diag(w_i) B_i: among all x of one length that with the most
/// of its energy where the intensities are. One application is a gradient, of Σ w_i |B_i x|² / 2.
template <typename Measurements>
Image spectral_start(const Kokkos::DefaultExecutionSpace& exec, int masks, const Measurements& y,
                     float mean) {
  const misfit::DistributedOperator linear(
      MPI_COMM_WORLD, masks, [](int i) { return misfit::CoilFourier(shape, mask(i)); });
  const auto zeros = linear.template allocate_measurements<Image::value_type>();
  const misfit::DistributedDataFidelity energy(
      linear, [&](int, std::size_t k) { return misfit::WeightedL2(weights_of(exec, y[k], mean)); });
  Image x = phase_retrieval::random_image();
  const Image gradient("gradient", shape.size());
  for (int k = 0; k < 100; ++k) {
    energy.grad(exec, x, zeros, linear, gradient);
    scale(exec, gradient, 1 / examples::norm(examples::on_host(gradient)));
    Kokkos::deep_copy(exec, x, gradient);
  }
  return x;
}

void retrieve(const examples::Arguments& arguments) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  if (arguments.files().size() != 1) throw examples::UsageError("one IMAGE is expected");
  const int masks = arguments.count("--masks", 8, 1);
  const int volume = arguments.count("--volume", -1, 0);
  const int iterations = arguments.count("--iterations", 200, 1);
  const std::string start = arguments.text("--start", "spectral");
  const examples::Output output(arguments, "phase_retrieval");
  if (start != "spectral" && start != "random")
    throw examples::UsageError("--start: spectral or random, not " + start);
  const auto truth = communicator.agree(
      "reading", [&] { return phase_retrieval::read_object(arguments.files()[0], volume); });

  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator patterns(communicator, masks, [](int i) {
    return misfit::PhaseRetrieval(misfit::CoilFourier(shape, mask(i)));
  });
  const auto exact = patterns.allocate_measurements<float>();
  patterns.forward(exec, examples::on_device(truth), exact, misfit::Scope::local);
  const auto y = patterns.measurements(exact);

  // A mask does not change the length of x, nor does F: the intensities of each sum to |x|².
  double energy = 0;
  for (std::size_t k = 0; k < y.size(); ++k) energy += sum(y[k]) / masks;
  communicator.sum(&energy, 1);
  const auto mean = static_cast<float>(energy / static_cast<double>(shape.size()));
  const Image x =
      start == "random" ? phase_retrieval::random_image() : spectral_start(exec, masks, y, mean);
  scale(exec, x, std::sqrt(energy) / examples::norm(examples::on_host(x)));
  const misfit::io::HostVector<phase_retrieval::Complex> started("started", shape.size());
  Kokkos::deep_copy(started, x);

  // Σ B_i^H B_i is the number of masks, with which this step never lets f grow.
  const float step = 0.5F / static_cast<float>(masks);
  const bool speaks = communicator.rank() == 0;
  if (speaks)
    std::printf("%d masks on %d ranks, %s pixels, %s start\n", masks, communicator.size(),
                shape.text().c_str(), start.c_str());
  const misfit::DistributedDataFidelity fidelity(misfit::Amplitude{});
  const Image gradient("gradient", shape.size());
  // Far enough, and above what floats round.
  constexpr double fallen = 1e-11;
  double first = 0, before = std::numeric_limits<double>::infinity();
  for (int k = 0;; ++k) {
    const double f = fidelity.fn_and_grad(exec, x, y, patterns, gradient);
    if (k == 0) first = f;
    const bool done = k == iterations || f <= fallen * first || !(f <= (1 - 1e-6) * before);
    if (speaks && (k % 20 == 0 || done))
      std::printf("  iteration %3d   f = %.6e   error %.2e\n", k, f,
                  phase_retrieval::error(examples::on_host(x), truth));
    if (done) break;
    before = f;
    Kokkos::parallel_for(
        "descend", Kokkos::RangePolicy<>(exec, 0, x.extent(0)),
        KOKKOS_LAMBDA(const std::size_t j) { x(j) -= step * gradient(j); });
  }
  communicator.agree("writing", [&] {
    if (!speaks) return;
    output.write({"picture.png"}, "truth, start, result", [&](const std::string& path) {
      const float white = examples::largest_of(truth);
      examples::write_picture(
          path, shape, examples::Upright::y_up,
          {examples::panel("truth, magnitude", truth, white),
           examples::panel(start + " start", started, white), examples::panel("result", x, white)});
    });
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  if (examples::helped(argc, argv, usage)) return 0;
  return misfit::run(argc, argv, [&] {
    retrieve(examples::Arguments(argc, argv,
                                 {"--masks", "--volume", "--start", "--iterations", "--output"}));
  });
}
