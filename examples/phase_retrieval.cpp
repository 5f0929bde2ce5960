// SPDX-License-Identifier: BSD-3-Clause

// Phase retrieval from coded diffraction patterns: a complex image from the magnitudes of its
// Fourier transforms behind several random masks, which are spread over ranks (E. J. Candès, X. Li
// and M. Soltanolkotabi, "Phase retrieval from coded diffraction patterns", 2015).

#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/resized.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/io/nifti.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/phase_retrieval.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using Complex = Kokkos::complex<float>;
using Image = Kokkos::View<Complex*>;
using HostImage = misfit::io::HostVector<Complex>;
using Intensities = Kokkos::View<float*>;

const misfit::Shape shape{256, 256};

const char* const usage =
    "usage: phase_retrieval IMAGE [OPTION]...\n"
    "\n"
    "Takes two slices of IMAGE, a NIfTI file, as magnitude and phase of a complex image, and "
    "computes\n"
    "it from the magnitudes of its Fourier transforms behind random masks, on the ranks of "
    "mpirun.\n"
    "\n"
    "  --masks N         default 8\n"
    "  --start HOW       spectral or random; default spectral\n"
    "  --iterations N    default 200\n"
    "  --output NAME     writes NAME.png: truth, start, result; default: phase_retrieval\n";

/// Slices at a half and at a third of the volume, in the middle of `shape`.
HostImage read_object(const std::string& path) {
  const misfit::io::NiftiFile file(path);
  const auto volume = file.shape();
  const auto slice = [&](std::size_t z) {
    return examples::resized(file.read(0, z, 1), {volume[1], volume[2]}, shape);
  };
  const auto magnitude = slice(volume[0] / 2), phase = slice(volume[0] / 3);
  float largest = 0;
  for (std::size_t j = 0; j < shape.size(); ++j)
    largest = std::max({largest, std::abs(magnitude(j)), std::abs(phase(j))});
  HostImage x("object", shape.size());
  for (std::size_t j = 0; j < shape.size(); ++j)
    x(j) = std::abs(magnitude(j)) / largest *
           Kokkos::exp(Complex(0, std::numbers::pi_v<float> * phase(j) / largest));
  return x;
}

/// Mask i: each pixel turned by a random quarter of a circle.
Image mask(int i) {
  const Complex turns[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  HostImage values("mask", shape.size());
  std::mt19937_64 random(static_cast<unsigned>(i) + 1);
  for (std::size_t j = 0; j < shape.size(); ++j) values(j) = turns[random() >> 62];
  return Kokkos::create_mirror_view_and_copy(Image::memory_space(), values);
}

HostImage on_host(const Image& image) {
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), image);
}

/// x *= a.
void scale(const Kokkos::DefaultExecutionSpace& exec, const Image& x, double a) {
  const auto factor = static_cast<float>(a);
  Kokkos::parallel_for(
      "scale", Kokkos::RangePolicy<>(exec, 0, x.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j) { x(j) *= factor; });
}

double norm(const Image& x) {
  const auto values = on_host(x);
  double squares = 0;
  for (std::size_t j = 0; j < values.extent(0); ++j)
    squares += (Kokkos::conj(values(j)) * values(j)).real();
  return std::sqrt(squares);
}

double sum(const Intensities& y) {
  const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), y);
  return std::accumulate(values.data(), values.data() + values.extent(0), 0.0);
}

/// |x − e^{iφ} truth| / |truth| at the best φ, which no magnitude tells.
double error(const HostImage& x, const HostImage& truth) {
  double xx = 0, tt = 0;
  Kokkos::complex<double> xt = 0;
  for (std::size_t j = 0; j < x.extent(0); ++j) {
    const Kokkos::complex<double> a(x(j)), b(truth(j));
    xx += (Kokkos::conj(a) * a).real();
    tt += (Kokkos::conj(b) * b).real();
    xt += Kokkos::conj(a) * b;
  }
  return std::sqrt(std::max(0.0, xx + tt - 2 * Kokkos::abs(xt)) / tt);
}

/// Numbers of no preference.
Image random_start() {
  HostImage values("start", shape.size());
  std::mt19937_64 random(0);
  std::normal_distribution<float> normal;
  for (std::size_t j = 0; j < shape.size(); ++j)
    values(j) = Complex(normal(random), normal(random));
  return Kokkos::create_mirror_view_and_copy(Image::memory_space(), values);
}

/// The leading eigenvector of Σ B_i^H diag(y_i) B_i: among all x of one length that with the most
/// of its energy where the intensities are. One application is a gradient, of Σ y_i |B_i x|² / 2.
template <typename Measurements>
Image spectral_start(const Kokkos::DefaultExecutionSpace& exec, int masks, const Measurements& y) {
  const misfit::DistributedOperator linear(
      MPI_COMM_WORLD, masks, [](int i) { return misfit::CoilFourier(shape, mask(i)); });
  const auto zeros = linear.measurements([](int) { return Image("zeros", shape.size()); });
  std::size_t next = 0;
  const misfit::DistributedDataFidelity energy(linear,
                                               [&](int) { return misfit::WeightedL2(y[next++]); });
  Image x = random_start();
  const Image gradient("gradient", shape.size());
  for (int k = 0; k < 50; ++k) {
    energy.grad(exec, x, zeros, linear, gradient);
    scale(exec, gradient, 1 / norm(gradient));
    Kokkos::deep_copy(exec, x, gradient);
  }
  return x;
}

void retrieve(const examples::Arguments& arguments, const misfit::Communicator& communicator) {
  if (arguments.files().size() != 1) throw examples::UsageError("one IMAGE is expected");
  const int masks = arguments.count("--masks", 8, 1);
  const int iterations = arguments.count("--iterations", 200, 1);
  const std::string start = arguments.text("--start", "spectral");
  const std::string output = arguments.text("--output", "phase_retrieval");
  if (start != "spectral" && start != "random")
    throw examples::UsageError("--start: spectral or random, not " + start);
  const HostImage truth =
      communicator.together("reading", [&] { return read_object(arguments.files()[0]); });

  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator patterns(MPI_COMM_WORLD, masks, [](int i) {
    return misfit::PhaseRetrieval(misfit::CoilFourier(shape, mask(i)));
  });
  std::vector<Intensities> exact;
  for (const int i : patterns.local_indices()) exact.emplace_back("y", patterns.range_size(i));
  patterns.forward(exec, Kokkos::create_mirror_view_and_copy(Image::memory_space(), truth), exact);
  const auto y = patterns.measurements(exact);

  // A mask does not change the length of x, nor does F: the intensities sum to |x|² each.
  const Image x = start == "random" ? random_start() : spectral_start(exec, masks, y);
  const misfit::DistributedDataFidelity fidelity(misfit::Amplitude{});
  double energy = 0;
  for (std::size_t k = 0; k < y.size(); ++k) energy += sum(y[k]);
  communicator.sum(&energy, 1);
  scale(exec, x, std::sqrt(energy / masks) / norm(x));
  const HostImage started = on_host(x);

  // Σ B_i^H B_i is the number of masks, with which this step never lets f grow.
  const float step = 0.5F / static_cast<float>(masks);
  const bool speaks = communicator.rank() == 0;
  if (speaks)
    std::printf("%d masks on %d ranks, %s pixels, %s start\n", masks, communicator.size(),
                shape.text().c_str(), start.c_str());
  const Image gradient("gradient", shape.size());
  for (int k = 0; k <= iterations; ++k) {
    const double f = fidelity.fn_and_grad(exec, x, y, patterns, gradient);
    if (speaks && (k % 20 == 0 || k == iterations))
      std::printf("  iteration %3d   f = %.6e   error %.2e\n", k, f, error(on_host(x), truth));
    if (k < iterations)
      Kokkos::parallel_for(
          "descend", Kokkos::RangePolicy<>(exec, 0, x.extent(0)),
          KOKKOS_LAMBDA(const std::size_t j) { x(j) -= step * gradient(j); });
  }
  communicator.together("writing", [&] {
    if (speaks)
      examples::write_pictures(output + ".png", shape, std::vector{truth, started, on_host(x)});
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  return examples::run(argc, argv, usage, {"--masks", "--start", "--iterations", "--output"},
                       retrieve);
}
