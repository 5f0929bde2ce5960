// SPDX-License-Identifier: BSD-3-Clause

// Magnetic resonance imaging with several receive coils, spread over ranks: from k-space and coil
// maps the image x that minimises Σ_i |m ∘ F (c_i ∘ x) − y_i|² + λ |x|².

#include "../support/arguments.hpp"
#include "../support/images.hpp"
#include "../support/output.hpp"
#include "../support/picture.hpp"
#include "../support/resized.hpp"
#include "scan.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/run.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using coil_mri::Complex;
using Image = Kokkos::View<Complex*>;
using HostImage = misfit::io::HostVector<Complex>;

const char* const usage =
    "usage: coil_mri KSPACE [MAPS] [OPTION]...\n"
    "\n"
    "Computes an image from the k-space of several coils, on the ranks of mpirun. KSPACE and MAPS\n"
    "are BART files (name.cfl and name.hdr), of extents (x, y, z, coils); or KSPACE is an ISMRMRD\n"
    "file (name.h5), which may hold the coil maps itself.\n"
    "\n"
    "  --slice S         of an ISMRMRD file; default 0\n"
    "  --repetition R    of an ISMRMRD file; default: the mean of all\n"
    "  --contrast C, --phase P, --set S, --encoding E\n"
    "                    of an ISMRMRD file that holds several\n"
    "  --lambda L        weight of |x|^2; default 0.01\n"
    "  --iterations N    of conjugate gradients, at most; default 200\n"
    "  --tolerance T     of the residual of the normal equations, relatively; default 1e-6\n"
    "  --truth NAME      a BART file of the image as it should be: tells how far it is after 1, "
    "2,\n"
    "                    4, ... iterations\n"
    "  --output DIR      where image.cfl, image.hdr and picture.png go; default\n"
    "                    example_output/coil_mri\n";

/// 1 where any coil of any rank has a sample that is not 0, as BART takes it, and how many these
/// are.
Kokkos::View<float*> sampled(const coil_mri::Images& kspace, std::size_t size,
                             const misfit::Communicator& communicator, std::size_t& count) {
  misfit::io::HostVector<float> mask("mask", size);
  for (const auto& coil : kspace)
    for (std::size_t k = 0; k < size; ++k)
      if (coil(k) != Complex(0)) mask(k) = 1;
  communicator.sum(mask.data(), size);
  count = 0;
  for (std::size_t k = 0; k < size; ++k) {
    mask(k) = mask(k) > 0 ? 1 : 0;
    count += mask(k) > 0;
  }
  return examples::on_device(mask);
}

coil_mri::Choice choice_of(const examples::Arguments& arguments) {
  const auto chosen = [&](const char* option) -> std::optional<std::size_t> {
    const int index = arguments.count(option, -1, 0);
    if (index < 0) return {};
    return static_cast<std::size_t>(index);
  };
  return {chosen("--slice"), chosen("--repetition"), chosen("--contrast"),
          chosen("--phase"), chosen("--set"),        chosen("--encoding")};
}

/// |x − truth| / |truth|.
double error_of(const Image& image, const HostImage& truth) {
  const auto x = examples::on_host(image);
  const HostImage difference("difference", x.extent(0));
  for (std::size_t j = 0; j < x.extent(0); ++j) difference(j) = x(j) - truth(j);
  return examples::norm(difference) / examples::norm(truth);
}

/// The slice in the middle of `image`, cut to the shape that is wanted.
HostImage middle_of(const HostImage& image, const coil_mri::Scan& scan) {
  const auto& shape = scan.image_shape;
  const std::size_t slice = shape[shape.rank() - 2] * shape[shape.rank() - 1];
  const std::size_t middle = shape.size() / slice / 2 * slice;
  return Kokkos::subview(examples::resized(image, scan.shape, shape),
                         std::pair(middle, middle + slice));
}

void write(const examples::Output& output, const coil_mri::Scan& scan, const HostImage& truth,
           const HostImage& zero_filled, const HostImage& x, int iterations) {
  const auto& shape = scan.image_shape;
  const std::size_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
  output.write({"image.cfl", "image.hdr"}, "the image, as BART reads it",
               [&](const std::string& path) {
                 misfit::io::write_bart(path, {columns, rows, shape.size() / (rows * columns)},
                                        examples::resized(x, scan.shape, shape));
               });
  const bool known = truth.extent(0) > 0;
  const auto right = known ? examples::panel("truth", middle_of(truth, scan)) : examples::Panel{};
  std::vector<examples::Panel> panels{
      examples::panel("A^H y, zero-filled", middle_of(zero_filled, scan)),
      examples::panel("after " + std::to_string(iterations) + " iterations", middle_of(x, scan),
                      right.white)};
  if (known) panels.insert(panels.begin(), right);
  output.write({"picture.png"}, known ? "truth, zero-filled, result" : "zero-filled, result",
               [&](const std::string& path) {
                 examples::write_picture(path, {rows, columns}, scan.upright, panels);
               });
}

void tell(const coil_mri::Scan& scan, int ranks, std::size_t samples) {
  if (!scan.notice.empty()) std::printf("Notice: %s\n", scan.notice.c_str());
  const double share = static_cast<double>(samples) / static_cast<double>(scan.encoded);
  std::printf("%d coil%s of %s pixels on %d ranks, %.1f %% of k-space sampled: acceleration %.2f\n",
              scan.coils, scan.coils == 1 ? "" : "s", scan.shape.text().c_str(), ranks, 100 * share,
              1 / share);
}

/// After 1, 2, 4, … iterations, and after all of `solved`, of which x is, and stays, the result.
/// `solve(n)` makes x what it is after n iterations from 0.
template <typename Solve>
void tell_errors(const Solve& solve, const misfit::SolverResult& solved, const Image& x,
                 const HostImage& truth, bool speaks) {
  const auto tell_one = [&](const misfit::SolverResult& now) {
    if (speaks)
      std::printf("  iteration %3d   residual %.2e   |x - truth| / |truth| %.4f\n", now.iterations,
                  now.residual, error_of(x, truth));
  };
  const Image result("result", x.extent(0));
  Kokkos::deep_copy(result, x);
  for (int most = 1; most < solved.iterations; most *= 2) tell_one(solve(most));
  Kokkos::deep_copy(x, result);
  tell_one(solved);
}

void reconstruct(const examples::Arguments& arguments) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const auto& files = arguments.files();
  if (files.empty() || files.size() > 2) throw examples::UsageError("KSPACE and MAPS are expected");
  const double lambda = arguments.number("--lambda", 0.01, 0);
  const double tolerance = arguments.number("--tolerance", 1e-6, 0);
  const int iterations = arguments.count("--iterations", 200, 0);
  const coil_mri::Choice choice = choice_of(arguments);
  const std::string name_of_truth = arguments.text("--truth", "");
  const examples::Output output(arguments, "coil_mri");

  const auto scan = communicator.agree("reading", [&] {
    return coil_mri::open_scan(files[0], files.size() > 1 ? files[1] : "", choice);
  });
  const auto partition = misfit::Partition::round_robin(scan.coils);
  const auto mine = partition.local_indices(communicator.rank(), communicator.size());
  const auto kspace = communicator.agree("reading k-space", [&] { return scan.kspace(mine); });
  const auto maps = communicator.agree("reading coil maps", [&] { return scan.maps(mine); });
  const HostImage truth = communicator.agree("reading the truth", [&] {
    return name_of_truth.empty() ? HostImage() : coil_mri::read_image(name_of_truth, scan);
  });
  std::size_t samples = 0;
  const auto mask = sampled(kspace, scan.shape.size(), communicator, samples);
  if (samples == 0) throw misfit::FileError(files[0] + ": k-space is empty");
  const bool speaks = communicator.rank() == 0;
  if (speaks) tell(scan, communicator.size(), samples);

  const double begin = MPI_Wtime();
  const misfit::DistributedOperator coils(communicator, partition, [&](int, std::size_t k) {
    return misfit::CoilFourier(scan.shape, examples::on_device(maps[k]), mask);
  });
  const auto y =
      coils.measurements([&](int, std::size_t k) { return examples::on_device(kspace[k]); });
  const Kokkos::DefaultExecutionSpace exec;
  const Image x("x", scan.shape.size()), zero_filled("zero_filled", scan.shape.size());
  coils.adjoint(exec, y, zero_filled);
  const auto solve = [&](int most) {
    Kokkos::deep_copy(exec, x, Complex(0));
    return coils.least_squares(
        exec, y, x, {.tolerance = tolerance, .max_iterations = most, .tikhonov = lambda});
  };
  const auto solved = solve(iterations);
  const double seconds = MPI_Wtime() - begin;

  if (truth.extent(0) > 0) tell_errors(solve, solved, x, truth, speaks);
  if (speaks)
    std::printf("  %d iteration%s, residual %.2e%s, %.3f s\n", solved.iterations,
                solved.iterations == 1 ? "" : "s", solved.residual,
                solved.converged ? "" : " (not converged)", seconds);
  communicator.agree("writing", [&] {
    if (speaks)
      write(output, scan, truth, examples::on_host(zero_filled), examples::on_host(x),
            solved.iterations);
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  if (examples::helped(argc, argv, usage)) return 0;
  return misfit::run(argc, argv, [&] {
    reconstruct(examples::Arguments(
        argc, argv,
        {"--slice", "--repetition", "--contrast", "--phase", "--set", "--encoding", "--lambda",
         "--iterations", "--tolerance", "--truth", "--output"}));
  });
}
