// SPDX-License-Identifier: BSD-3-Clause

// Computed tomography with few photons: a slice of a brain from its projections, whose angles are
// spread over ranks, by descending along the gradient of the negative log-likelihood of Poisson
// counts over all x >= 0.

#include "support/accelerated_gradient.hpp"
#include "support/arguments.hpp"
#include "support/images.hpp"
#include "support/output.hpp"
#include "support/picture.hpp"
#include "support/volume.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distances/log_poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/io/nifti.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/run.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace {

using Image = Kokkos::View<float*>;
using HostImage = misfit::io::HostVector<float>;

constexpr double most_photons = 1e12;
constexpr double attenuation = 0.02;  ///< μ of the brightest pixel [1/pixel]

const char* const usage =
    "usage: tomography IMAGE [OPTION]...\n"
    "\n"
    "Projects one slice of IMAGE, a NIfTI file, counts photons behind it, and computes the slice\n"
    "from the counts, on the ranks of mpirun.\n"
    "\n"
    "  --slice Z         which; default: the middle one\n"
    "  --volume V        of a file that holds several\n"
    "  --angles N        over half a turn; default 180\n"
    "  --subsets N       operators that the angles are dealt out to; default 12\n"
    "  --photons N       that would be counted without the object, a ray; default 10000\n"
    "  --iterations N    default 60; many more fit the noise\n"
    "  --output DIR      where picture.png goes; default example_output/tomography\n";

/// y_i = −log(counts / N₀) / μ, with counts drawn by a generator of each operator's own, so that
/// they are the same at every number of ranks.
Image measured(const Image& projections, double photons, int i) {
  const auto y = examples::on_host(projections);
  std::mt19937_64 random(static_cast<unsigned>(i));
  for (std::size_t k = 0; k < y.extent(0); ++k) {
    std::poisson_distribution<long> counts(photons * std::exp(-attenuation * y(k)));
    const auto count = static_cast<double>(std::max(counts(random), 1L));
    y(k) = static_cast<float>(-std::log(count / photons) / attenuation);
  }
  return examples::on_device(y);
}

/// Peak signal-to-noise ratio, for a peak of 1 [dB].
double psnr(const HostImage& x, const HostImage& truth) {
  double squares = 0;
  for (std::size_t j = 0; j < x.extent(0); ++j) squares += std::pow(x(j) - truth(j), 2);
  return -10 * std::log10(squares / static_cast<double>(x.extent(0)));
}

void reconstruct(const examples::Arguments& arguments) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  if (arguments.files().size() != 1) throw examples::UsageError("one IMAGE is expected");
  const int angles = arguments.count("--angles", 180, 1);
  const int subsets = std::min(arguments.count("--subsets", 12, 1), angles);
  const int iterations = arguments.count("--iterations", 60, 1);
  const double photons = arguments.number("--photons", 1e4, 1);
  const int wanted_volume = arguments.count("--volume", -1, 0);
  const int wanted_slice = arguments.count("--slice", -1, 0);
  if (photons > most_photons) throw examples::UsageError("--photons: at most 1e12");
  const examples::Output output(arguments, "tomography");

  misfit::Shape shape{1, 1};
  const HostImage truth = communicator.agree("reading", [&] {
    const misfit::io::NiftiFile file(arguments.files()[0]);
    const auto volume = file.shape();
    const std::size_t slice =
        wanted_slice < 0 ? volume[0] / 2 : static_cast<std::size_t>(wanted_slice);
    if (slice >= volume[0])
      throw misfit::ArgumentError("--slice: there are " + std::to_string(volume[0]) + " slices");
    shape = {volume[1], volume[2]};
    const std::size_t of_all = examples::volume_of(file, arguments.files()[0], wanted_volume);
    HostImage values = file.read(of_all, {slice, slice + 1});
    const bool finite = std::isfinite(examples::largest_of(values));
    for (std::size_t j = 0; j < shape.size(); ++j) values(j) = std::max(values(j), 0.0F);
    const float largest = examples::largest_of(values);
    if (!(largest > 0) || !finite)
      throw misfit::FileError(arguments.files()[0] + ": slice " + std::to_string(slice) +
                              " has no values above 0, or some that are not finite");
    for (std::size_t j = 0; j < shape.size(); ++j) values(j) /= largest;
    return values;
  });

  // Operator i has the angles i, i + subsets, i + 2 subsets, ...
  const misfit::DistributedOperator projections(communicator, subsets, [&](int i) {
    std::vector<double> some;
    for (int k = i; k < angles; k += subsets) some.push_back(std::numbers::pi * k / angles);
    return misfit::Radon(shape, some);
  });

  const Kokkos::DefaultExecutionSpace exec;
  const Image exact = examples::on_device(truth);
  const auto noiseless = projections.allocate_measurements<float>();
  projections.forward(exec, exact, noiseless, misfit::Scope::local);
  exec.fence();
  const auto y = projections.measurements(
      [&](int i, std::size_t k) { return measured(noiseless[k], photons, i); });

  // The second derivative of the distance is at most N₀ μ²: with this step f never goes up. One
  // that is guessed, 1 or 1e-3, makes it infinite.
  const misfit::DistributedDataFidelity fidelity(misfit::LogPoisson{photons, attenuation});
  const double step =
      1 / (photons * attenuation * attenuation * projections.norm_squared_bound<float>(exec));
  const Image x("x", shape.size()), back_projection("back_projection", shape.size());
  projections.adjoint(exec, y, back_projection);

  const bool speaks = communicator.rank() == 0;
  if (speaks)
    std::printf("%d angles in %d subsets on %d ranks, %.0f photons a ray, %s pixels\n", angles,
                subsets, communicator.size(), photons, shape.text().c_str());
  examples::AcceleratedGradient method(exec, x, step);
  for (int k = 1; k <= iterations; ++k) {
    const double f = fidelity.fn_and_grad(exec, method.point(), y, projections, method.gradient());
    method.step(exec, f);
    if (speaks && (k % 20 == 0 || k == 1 || k == iterations))
      std::printf("  iteration %3d   f = %.8e   PSNR %.2f dB\n", k, f,
                  psnr(examples::on_host(method.solution()), truth));
  }
  communicator.agree("writing", [&] {
    if (!speaks) return;
    const auto on_scale = [](const std::string& label, const HostImage& image) {
      HostImage mu("mu", image.extent(0));
      for (std::size_t j = 0; j < mu.extent(0); ++j)
        mu(j) = static_cast<float>(attenuation) * image(j);
      return examples::panel(label, mu, attenuation, "/pixel");
    };
    output.write({"picture.png"}, "truth, back projection, result", [&](const std::string& path) {
      examples::write_picture(
          path, shape, examples::Upright::y_up,
          {on_scale("truth", truth), examples::panel("A^T y, back projection", back_projection),
           on_scale("after " + std::to_string(iterations) + " iterations", examples::on_host(x))});
    });
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  if (examples::helped(argc, argv, usage)) return 0;
  return misfit::run(argc, argv, [&] {
    reconstruct(examples::Arguments(
        argc, argv,
        {"--slice", "--volume", "--angles", "--subsets", "--photons", "--iterations", "--output"}));
  });
}
