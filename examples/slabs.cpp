// SPDX-License-Identifier: BSD-3-Clause

// One image on all ranks together: each owns a slab of it, and the rows of eight blurred and
// downsampled frames that belong to its slab. No rank ever holds the image.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

void restore() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Shape shape{3, 240, 160};

  // Cut along dimension 1: of 240 rows a rank of four owns 60, in all three channels.
  const misfit::Slabs slabs(MPI_COMM_WORLD, shape, {.dimension = 1});
  const misfit::DistributedOperator frames(slabs, 8, [&](int i) {
    Kokkos::View<float**> kernel("kernel", 5, 5);
    Kokkos::deep_copy(exec, kernel, 0.04F + 0.001F * static_cast<float>(i));
    const misfit::Blur blur(shape, kernel, misfit::Padding::reflect);
    return misfit::compose(misfit::Downsample(shape, {1, 2, 2}), blur);
  });

  // What each rank has, exchanges and needs, before the first call.
  const misfit::DistributionPlan plan = frames.plan<float>();
  if (slabs.space().rank() == 0) std::printf("%s", plan.text().c_str());

  // A rank makes, or reads, the rows of a frame that it owns, and no others.
  const auto y = frames.measurements([&](int i, const misfit::Rows& rows) {
    Kokkos::View<float*> frame("frame", 3 * rows.size() * 80);
    Kokkos::deep_copy(exec, frame, 1.0F + 0.1F * static_cast<float>(i));
    return frame;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0});

  // This rank's slab of x, of the gradient, and of what conjugate gradients work with.
  Kokkos::View<float*> x("x", slabs.owned_size()), gradient("gradient", slabs.owned_size());
  const auto tell = [&](int iterations) {
    const double value = fidelity.fn_and_grad(exec, x, y, frames, gradient);
    const double norm = slabs.norm(exec, gradient);
    if (slabs.space().rank() == 0)
      std::printf("iterations %2d  f = %.4e  |gradient| = %.4e\n", iterations, value, norm);
  };
  tell(0);
  tell(frames.least_squares(exec, y, x, {.tolerance = 1e-3, .max_iterations = 20}).iterations);
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, restore); }
